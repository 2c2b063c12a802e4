package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newTool(a *app) *cobra.Command {
	t := &tool{app: a}
	c := newGroup("tool", "Publish, subscribe, request and reply as a user", "  nkeep tool sub -a ORDERS -u shop 'orders.>'\n  nkeep tool pub -a ORDERS -u shop orders.new hello",
		newToolPub(t), newToolSub(t), newToolReq(t), newToolReply(t), newToolRTT(t))
	t.bind(c)
	return c
}

// topTool is a tool once more, without the group, as nsc hides it.
func topTool(build func(*tool) *cobra.Command) func(*app) *cobra.Command {
	return func(a *app) *cobra.Command {
		t := &tool{app: a}
		c := build(t)
		c.Hidden = true
		t.bind(c)
		return c
	}
}

// tool is what the tools have in common: as whom they go to which servers.
type tool struct {
	*app
	online  onlineFlags
	account string
	user    string
}

// bind binds the flags of a tool, or of the group of all.
func (t *tool) bind(c *cobra.Command) {
	f := c.PersistentFlags()
	t.online.bindURL(f, "nats", "")
	t.online.bindLogin(t.app, c, f)
	f.IntVar(&t.online.timeout, "timeout", 5, "seconds to wait for the server, or for the answer to a request, 1 to 60")
}

// bindUser binds whose creds a tool uses.
func (t *tool) bindUser(c *cobra.Command) {
	f := c.Flags()
	t.bindAccount(c, &t.account, "account of the user")
	f.StringVarP(&t.user, "user", "u", "", "user to log in as; the only one if there is one")
	t.completeFlag(c, "user", userNames)
	for _, other := range []string{"creds", "context"} {
		exclusive(c, "user", other)
		exclusive(c, "account", other)
	}
}

// refuseEncrypt takes the flag of nsc, and says why not.
func refuseEncrypt(c *cobra.Command) {
	var encrypt bool
	c.Flags().BoolVarP(&encrypt, "encrypt", "E", false, "is refused: payloads are not encrypted")
	_ = c.Flags().MarkHidden("encrypt")
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if encrypt {
			return withHint(usagef("--encrypt: nkeep does not encrypt payloads: a key that both sides would have to share is nowhere in the store"),
				"encrypt the connection instead, with a tls:// URL, or the payload before you send it")
		}
		if before == nil {
			return nil
		}
		return before(c, args)
	}
}

// dial connects to the servers, and says so.
func (t *tool) dial(ctx context.Context, doing string) (*resolver.Conn, error) {
	if strings.Contains(t.user, "://") {
		return nil, withHint(usagef("user %q: is a URL, and no user", redactURLs(t.user)), "-u names a user; where the servers are is said with: --nats %s", redactURLs(t.user))
	}
	w, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	id, ok, err := t.online.named(ctx, w)
	if err != nil {
		return nil, err
	}
	var op *operator
	if !ok || t.target() == "" {
		if op, err = w.operator(""); err != nil {
			return nil, err
		}
	}
	if !ok {
		if id, err = t.login(w, op); err != nil {
			return nil, err
		}
	}
	target := t.target()
	if target == "" {
		target = strings.Join(op.claims.OperatorServiceURLs, ",")
	}
	if target == "" {
		return nil, withHint(usagef("operator %q: has no service URL", op.store.Name), "give one with --nats nats://localhost:4222, or keep it: nkeep edit operator --service-url nats://localhost:4222")
	}
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	if isHTTP(target) {
		return nil, withHint(usagef("URL %q: is not that of a NATS server", redactURLs(target)), "give the URL of a server: nats://host:4222")
	}
	conn, err := t.online.connect(ctx, t.app, target, errand{client: "nkeep tool", doing: doing}, id)
	if errors.Is(err, resolver.ErrLogin) {
		return nil, withHint(err, "does the server have the account (nkeep push), and is the user neither revoked (nkeep revocations list-users) nor expired (nkeep describe user)?")
	}
	return conn, hintServer(err, "is the server running? --nats names another")
}

// target is where the command line says to go, or the context.
func (t *tool) target() string {
	if t.online.url == "" && t.online.nats != nil {
		return t.online.nats.URL
	}
	return t.online.url
}

// login is the user that the command line names, or the only one of the account.
func (t *tool) login(w *workspace, op *operator) (login, error) {
	ac, err := w.selectedAccount(op, t.account)
	if err != nil {
		return login{}, err
	}
	name, err := userNamed(op.store, ac.name, t.user)
	if err != nil {
		return login{}, withHint(err, "name one with -u NAME; list them with: nkeep list users -a %q", ac.name)
	}
	u, err := op.user(ac, name)
	if err != nil {
		return login{}, err
	}
	who := fmt.Sprintf("user %q of account %q", name, ac.name)
	kp, err := w.ring.Get(u.claims.Subject)
	if err == nil {
		return login{userIdentity(u.token, kp), who}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return login{}, err
	}
	token, kp, none := w.ring.Creds(op.store.Name, ac.name, name)
	if none != nil {
		return login{}, withHint(err, "to log in needs the seed of the user, or its creds: give a file with --creds")
	}
	id, err := w.userLogin(token, kp)
	id.who = who
	return id, err
}

// subjectArgs demands a subject, and up to most arguments in all.
func subjectArgs(most int, literal bool) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return required(c, "subject")
		case len(args) > most:
			return withHint(usagef("%s: takes %s, got %d", commandName(c), plural(most, "argument"), len(args)), "quote a payload that has blanks")
		}
		if _, err := claims.ParseSubject(args[0]); err != nil {
			return usageError{err}
		}
		if literal && hasWildcard(args[0]) {
			return usagef("subject %q: has a wildcard, and a message goes to one subject", args[0])
		}
		return nil
	}
}

func hasWildcard(subject string) bool {
	for token := range strings.SplitSeq(subject, ".") {
		if token == "*" || token == ">" {
			return true
		}
	}
	return false
}

// maxPayload is the size in bytes of the largest message that servers take, whatever
// they are told.
const maxPayload = 64 << 20

// payload is the second argument; - stands for standard input.
func (t *tool) payload(ctx context.Context, args []string) ([]byte, error) {
	switch {
	case len(args) < 2:
		return nil, nil
	case args[1] != "-":
		return []byte(args[1]), nil
	}
	return t.readAs(ctx, "-", "the payload", maxPayload)
}
