package cmd

import (
	"context"
	"io/fs"
	"strconv"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type renameAccount struct {
	*app
	renaming

	sure bool // nsc demands it, and nkeep has no need of it
}

func newRenameAccount(a *app) *cobra.Command {
	o := &renameAccount{app: a}
	c := &cobra.Command{
		Use:   "account FROM TO",
		Short: "Rename an account",
		Long: `Give an account another name: its token is signed again, by the key that issued
it, and its users, their creds and the selection go along, all of it or nothing.

An account is known to servers and to other accounts by its public key, which
stays: users, imports and exports go on working. Push the account to let servers
show the new name.`,
		Example: "  nkeep rename account ORDERS SALES",
		Args:    o.args("account"),
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	c.Flags().BoolVar(&o.sure, "OK", false, "has no effect: nothing is lost by renaming")
	_ = c.Flags().MarkHidden("OK")
	c.ValidArgsFunction = a.complete(accountNames)
	a.bindPush(c)
	return c
}

func (o *renameAccount) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var (
		done []entity
		left string
	)
	err = w.update(ctx, func(c *change) error {
		done, left, err = o.stage(c)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list accounts with: nkeep list accounts")
	}
	o.noteLeft(left)
	o.noteMoved(done)
	if !o.pushes.wanted() {
		o.out.Notef("servers know the account by its public key, and show the new name once they have it: nkeep push -a %s", strconv.Quote(o.to))
	}
	return o.finish(ctx, report{Entities: done})
}

// stage renames the account, which is the first of the report, and moves its
// users. Left is the directory in which all of that has been.
func (o *renameAccount) stage(c *change) (done []entity, left string, err error) {
	op, err := c.w.operator("")
	if err != nil {
		return nil, "", err
	}
	if o.from, err = findAccount(op.store, o.from); err != nil {
		return nil, "", err
	}
	ac, err := op.account(o.from)
	if err != nil {
		return nil, "", err
	}
	if o.from == o.to {
		return nil, "", presentf("account %q: has this name already", o.to)
	}
	ac.claims.Name = o.to
	by, err := c.w.accountSigner(op, ac.claims)
	if err != nil {
		return nil, "", err
	}
	token, err := by.renew(ac.claims, ac.token)
	if err != nil {
		return nil, "", err
	}
	from, to := jwtstore.AccountRef{Operator: op.store.Name, Account: o.from}, jwtstore.AccountRef{Operator: op.store.Name, Account: o.to}
	file, err := c.tokens.MoveAccount(from, to, token)
	if err != nil {
		return nil, "", err
	}
	e := entityOf(actionRenamed, jwtstore.KindAccount, ac.claims)
	e.Operator, e.Changes = op.store.Name, []claims.Change{o.said()}
	e.file("token", file)
	users, err := c.moveUsers(op.store, from, to)
	if err != nil {
		return nil, "", err
	}
	o.warnTemplates(ac)
	if err := c.reselect(from, to); err != nil {
		return nil, "", err
	}
	err = c.handOver(op, signedHere{o.to, ac.claims, token, ac.token}, &e)
	return append([]entity{e}, users...), op.store.AccountPath(o.from), err
}

// warnTemplates tells of roles in which the name of the account has a say.
func (o *renameAccount) warnTemplates(ac *account) {
	var named []string
	for _, role := range roles(ac.claims) {
		for _, key := range claims.KeysOfRole(ac.claims, role) {
			if s, ok := claims.ScopeOf(ac.claims, key); ok && mentions(s.Template.Permissions, "account-name()") {
				named = append(named, role)
				break
			}
		}
	}
	if len(named) > 0 {
		o.out.Warnf("users of these roles may do something else once account %q is pushed, for its name stands in their subjects: %s", o.to, firstOf(named, 20))
	}
}

// mentions reports whether a template function stands in one of the subjects.
func mentions(p jwt.Permissions, call string) bool {
	for _, list := range []jwt.StringList{p.Pub.Allow, p.Pub.Deny, p.Sub.Allow, p.Sub.Deny} {
		for _, subject := range list {
			if strings.Contains(strings.ToLower(subject), "{{"+call+"}}") {
				return true
			}
		}
	}
	return false
}
