package cmd

import (
	"context"
	"errors"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type renameUser struct {
	*app
	renaming

	account string
}

func newRenameUser(a *app) *cobra.Command {
	o := &renameUser{app: a}
	c := &cobra.Command{
		Use:   "user FROM TO",
		Short: "Rename a user",
		Long: `Give a user another name: its token is signed again, by the key that issued it,
and its creds are written anew under that name, all of it or nothing. Its key
stays, and with it what is revoked.

Servers learn of the name from the creds that the user connects with. Copies of
the old creds go on working, under the old name.`,
		Example: "  nkeep rename user shop till -a ORDERS",
		Args:    o.args("user"),
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	a.bindAccount(c, &o.account, "account of the user")
	c.ValidArgsFunction = a.complete(userNames)
	return c
}

func (o *renameUser) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var e entity
	err = w.update(ctx, func(c *change) error {
		e, err = o.stage(c)
		return err
	})
	if err != nil {
		return err
	}
	o.noteMoved([]entity{e})
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *renameUser) stage(c *change) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	ac, u, err := c.w.selectedUser(op, o.account, o.from)
	if err != nil {
		return entity{}, err
	}
	if o.from = u.name; o.from == o.to {
		return entity{}, presentf("user %q: has this name already", o.to)
	}
	by, err := c.w.userSigner(op, ac, o.from, u.claims.Issuer)
	if err != nil {
		return entity{}, err
	}
	if err := (&editUser{app: o.app}).apply(ac, u, by); err != nil {
		return entity{}, err
	}
	o.outlive(ac, key{public: u.claims.Subject})
	u.claims.Name = o.to
	token, err := by.renew(u.claims, u.token)
	if err != nil {
		return entity{}, err
	}
	if _, err := c.tokens.RemoveUser(op.store.Name, ac.name, o.from); err != nil {
		return entity{}, err
	}
	file, err := c.tokens.AddUser(op.store.Name, ac.name, o.to, token)
	if err != nil {
		return entity{}, withHint(err, "list users with: nkeep list users -a %q", ac.name)
	}
	e := entityOf(actionRenamed, jwtstore.KindUser, u.claims)
	e.Operator, e.Account, e.Changes = op.store.Name, ac.name, []claims.Change{o.said()}
	e.file("token", file)
	if s, ok := claims.ScopeOf(ac.claims, by.public); ok && mentions(s.Template.Permissions, "name()") {
		o.out.Warnf("user %q: may do something else with its new creds, for its name stands in the subjects of the role %q", o.to, s.Role)
	}
	return e, o.putCreds(c, &e, u.claims.Subject, token)
}

// putCreds stages the creds under the new name. Where the seed is not in the
// keystore, the old creds have it.
func (o *renameUser) putCreds(c *change, e *entity, public, token string) error {
	from, to := keystore.Owner{Operator: e.Operator, Account: e.Account, User: o.from}, keystore.Owner{Operator: e.Operator, Account: e.Account, User: o.to}
	there, err := c.w.ring.HasCreds(from.Operator, from.Account, from.User)
	if err != nil {
		return err
	}
	if there {
		file, err := c.moveCreds(from, to)
		if err != nil {
			return err
		}
		e.file("creds", file)
	}
	pair, err := c.w.ring.Get(public)
	if errors.Is(err, fs.ErrNotExist) && there {
		pair, err = c.pairInCreds(from, public)
	}
	if errors.Is(err, fs.ErrNotExist) {
		o.out.Warnf("user %q: its seed is not in the keystore, so that creds files of it keep the old name", o.to)
		return nil
	}
	if err != nil {
		return err
	}
	file, err := c.keys.PutCreds(to.Operator, to.Account, to.User, token, pair)
	if err != nil || there {
		return err
	}
	e.file("creds", file)
	return nil
}

// pairInCreds is the key pair that a user's creds hold, if it is that user's.
func (c *change) pairInCreds(of keystore.Owner, public string) (nkeys.KeyPair, error) {
	_, pair, err := c.w.ring.Creds(of.Operator, of.Account, of.User)
	if err != nil {
		return nil, err
	}
	if got, err := pair.PublicKey(); err != nil || got != public {
		return nil, missingf("creds of user %q: hold the key of somebody else", of.User)
	}
	return pair, nil
}
