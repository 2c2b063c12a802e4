package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"nkeep/claims"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

// defaultServiceURL is where a first server listens.
const defaultServiceURL = "nats://localhost:4222"

type initCommand struct {
	*app
	dir, name   string
	remote, url string // of an operator that somebody else runs
}

func newInit(a *app) *cobra.Command {
	o := &initCommand{app: a}
	c := &cobra.Command{
		Use:   "init",
		Short: "Create an operator, its system account, an account and a user at once",
		Long: `Create everything a first server needs in one go: an operator, its system account
with a user, and an account with a user, all with keys and creds; the last three
are named as the operator is.

With --remote-operator or --url the operator is one that somebody else runs. It is
called as it is there, the account goes to its account server to be signed, and
only account and user are named by --name.`,
		Example: "  nkeep init -n demo\n  nkeep init --url https://example.com/jwt/v1/operator -n demo",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				o.name = "*"
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "name of the operator, the account and the user; invented if not given")
	c.Flags().StringVarP(&o.dir, "dir", "d", "", "directory of the stores, from now on (default as nkeep env says, with -H and --data-dir)")
	c.Flags().StringVarP(&o.remote, "remote-operator", "o", "", "begin with this well-known operator")
	c.Flags().StringVarP(&o.url, "url", "u", "", "begin with the operator that is served here")
	exclusive(c, "remote-operator", "url")
	a.bindCertificates(c)
	return c
}

func (o *initCommand) run(ctx context.Context) error {
	name, err := o.newName(o.name)
	if err != nil {
		return err
	}
	if o.dir != "" && o.flags.dataDir != "" {
		return usagef("--dir: says the same as --data-dir, give one of them")
	}
	if o.remote != "" || o.url != "" {
		return o.runRemote(ctx, name)
	}
	w, err := o.openAt(ctx, o.dir)
	if err != nil {
		return err
	}
	first, err := o.newFirst(name, name, name)
	if err != nil {
		return err
	}
	var r report
	err = w.update(ctx, func(c *change) error {
		r, err = first.stage(c)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "name another with: nkeep init -n NAME")
	}
	o.out.Notef("next: nkeep generate config --nats-resolver --listen 127.0.0.1:4222, or try it with: nkeep up")
	return o.out.Show(r)
}

// openAt opens the workspace with the stores in dir, if one is given, which
// becomes the saved place.
func (a *app) openAt(ctx context.Context, dir string) (*workspace, error) {
	w, err := a.open(ctx)
	if err != nil || dir == "" {
		return w, err
	}
	if info, err := os.Stat(a.path(dir)); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("directory %q: is a file: %w", dir, fs.ErrExist)
	}
	w.places.Stores = place{a.path(dir), "asked for"}
	return w, w.openStores()
}

// first is all that a first server needs: an operator with system account, and
// an account with a user.
type first struct {
	operator    newOperator
	accountName string
	account     key
	accountEdit claims.AccountEdit
	userName    string
	user        key
}

func (a *app) newFirst(operator, account, user string) (*first, error) {
	f := &first{operator: newOperator{name: operator}, accountName: account, userName: user}
	f.operator.edit.ServiceURLs.Add = []string{defaultServiceURL}
	var err error
	if f.operator.identity, err = a.newKey(nkeys.PrefixByteOperator); err != nil {
		return nil, err
	}
	if f.operator.signing, err = a.newKey(nkeys.PrefixByteOperator); err != nil {
		return nil, err
	}
	if f.operator.system, err = a.newSystem(); err != nil {
		return nil, err
	}
	if f.account, err = a.newKey(nkeys.PrefixByteAccount); err != nil {
		return nil, err
	}
	f.user, err = a.newKey(nkeys.PrefixByteUser)
	return f, err
}

func (f *first) stage(c *change) (report, error) {
	r, err := f.operator.stage(c)
	if err != nil {
		return r, err
	}
	ac := claims.NewAccount(f.account.public, f.accountName)
	if _, err := f.accountEdit.Apply(ac, c.w.app.env.Now()); err != nil {
		return r, err
	}
	account, err := c.addAccount(f.operator.name, f.account, ac, f.operator.signer())
	if err != nil {
		return r, err
	}
	user, err := c.addUser(f.operator.name, f.accountName, f.user, claims.NewUser(f.user.public, f.userName), signerOf(f.account.public, f.account.pair))
	if err != nil {
		return r, err
	}
	r.Entities = append(r.Entities, account, user)
	return r, c.choose(f.operator.name, f.accountName)
}
