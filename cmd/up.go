package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"nkeep/claims"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

// The names of what up makes where there is nothing yet.
const (
	upOperator = "local"
	upAccount  = "APP"
	upUser     = "app"
)

// upUserLife is how long the temporary user of a running nkeep up is valid
// after each connect.
const upUserLife = time.Hour

type up struct {
	*app
	listen string
	dir    string
	check  bool
}

func newUp(a *app) *cobra.Command {
	o := &up{app: a}
	c := &cobra.Command{
		Use:   "up",
		Short: "Run a secured NATS server on what is provisioned, or on something new",
		Long: `Start a NATS server that trusts the current operator, push every account to it,
and show connects, disconnects, refused logins and claim updates until Ctrl-C. It
has a full resolver and JetStream, and listens on the loopback interface unless
--listen says otherwise. Where nothing is provisioned yet it makes an operator
with a signing key, a system account, an account and a user first.

Accounts that are changed meanwhile are pushed at once. One that is deleted is served
until it is deleted on the server, too, as nkeep push -R does, and a changed operator
takes effect when this is started again: both are told.

With --check it listens on a free port, proves that a user can publish and
subscribe and that strangers are refused, prints the report, and exits.`,
		Example: "  nkeep up --check\n  nkeep up\n  nkeep up --listen 0.0.0.0:4222",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "", "host:port for clients (default 127.0.0.1:4222, with --check a free port)")
	f.StringVar(&o.dir, "dir", "", "directory of the server's data (default in the configuration directory)")
	f.BoolVar(&o.check, "check", false, "prove that it works, and exit")
	return c
}

func (o *up) run(ctx context.Context) error {
	if err := render.CheckListen(o.listen); err != nil {
		return usageError{err}
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	v := &upView{}
	op, err := o.provision(ctx, w, v)
	if err != nil {
		return err
	}
	server, err := o.serve(ctx, w, op)
	if err != nil {
		return err
	}
	defer server.stop()
	conn, err := o.dialSystem(ctx, w, op, server.url())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := o.describe(w, op, server, v); err != nil {
		return err
	}
	follower := &follower{app: o.app, op: op, conn: conn, pushed: map[string]string{}, show: newEventShow(o.app, op), operator: op.token}
	if err := follower.pushAll(ctx, v); err != nil {
		return err
	}
	if o.check {
		o.prove(ctx, w, op, v)
		return errors.Join(o.out.Show(v), v.err())
	}
	if err := o.out.ShowLine(v); err != nil {
		return err
	}
	return follower.follow(ctx)
}

// provision returns the current operator, or makes one with all it needs.
func (o *up) provision(ctx context.Context, w *workspace, v *upView) (*operator, error) {
	op, err := w.operator("")
	if err == nil {
		v.Provisioned = []string{}
		return op, nil
	}
	names, listErr := w.root.Operators()
	if !errors.Is(err, fs.ErrNotExist) || listErr != nil || len(names) > 0 {
		return nil, err
	}
	made, err := o.newFirst(upOperator, upAccount, upUser)
	if err != nil {
		return nil, err
	}
	url := o.ownURL()
	made.operator.edit.ServiceURLs.Add = []string{url}
	made.operator.edit.AccountServerURL = &url
	tier := claims.GlobalTier
	made.accountEdit.JetStream.Enable = &tier
	err = w.update(ctx, func(c *change) error {
		r, err := made.stage(c)
		for _, e := range r.Entities {
			v.Provisioned = append(v.Provisioned, fmt.Sprintf("%s %s", e.Kind, e.Name))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	w.selected.Operator, w.selected.Account = upOperator, upAccount
	return w.operator(upOperator)
}

// ownURL is where clients will find a server that is about to be provisioned.
func (o *up) ownURL() string {
	if o.listen == "" || strings.HasSuffix(o.listen, ":-1") {
		return defaultServiceURL
	}
	return "nats://" + o.listen
}

// dialSystem logs in as a temporary user that may push and watch.
func (o *up) dialSystem(ctx context.Context, w *workspace, op *operator, url string) (*resolver.Conn, error) {
	sys, err := op.systemAccount()
	if err != nil {
		return nil, err
	}
	pub, sub := resolver.PushPermissions()
	morePub, moreSub := resolver.EventPermissions()
	id, err := w.temporaryUser(op, sys, slices.Concat(pub, morePub), slices.Concat(sub, moreSub), upUserLife)
	if err != nil {
		return nil, fmt.Errorf("log in to account %q: %w", sys.name, err)
	}
	return resolver.Dial(ctx, resolver.Options{URLs: []string{url}, Name: upClientName, Identity: id})
}
