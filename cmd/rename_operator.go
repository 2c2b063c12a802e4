package cmd

import (
	"context"
	"errors"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

type renameOperator struct {
	*app
	renaming
}

func newRenameOperator(a *app) *cobra.Command {
	o := &renameOperator{app: a}
	c := &cobra.Command{
		Use:   "operator FROM TO",
		Short: "Rename an operator",
		Long: `Give an operator another name: its token is signed again, by the key that issued
it, and its accounts, their users, the creds and the selection go along, all of it
or nothing. Its key stays, so that nothing else has to be signed again.

An operator that is managed elsewhere is renamed in this store alone: its token
stays as it is.`,
		Example: "  nkeep rename operator ACME ACME-EU",
		Args:    o.args("operator"),
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	c.ValidArgsFunction = a.complete(operatorNames)
	return c
}

func (o *renameOperator) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var (
		done []entity
		op   *operator
	)
	err = w.update(ctx, func(c *change) error {
		if op, err = w.operator(o.from); err != nil {
			return err
		}
		done, err = o.stage(c, op)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list operators with: nkeep list operators")
	}
	o.noteLeft(op.store.OperatorPath())
	o.noteMoved(done)
	if !op.store.Managed {
		o.out.Notef("servers know the operator by its public key, and show the new name once their configuration is generated again and they are restarted")
	}
	return o.out.Show(report{Entities: done})
}

// stage renames the operator, which is the first of the report, and moves what
// it owns.
func (o *renameOperator) stage(c *change, op *operator) ([]entity, error) {
	if o.from == o.to {
		return nil, presentf("operator %q: has this name already", o.to)
	}
	if err := c.w.refuseOwn(o.to); err != nil {
		return nil, err
	}
	token, err := o.token(c, op)
	if err != nil {
		return nil, err
	}
	file, err := c.tokens.MoveOperator(o.from, o.to, token, op.store.Managed)
	if err != nil {
		return nil, err
	}
	e := entityOf(actionRenamed, jwtstore.KindOperator, op.claims)
	e.Name, e.Changes = o.to, []claims.Change{o.said()}
	e.file("token", file)
	done := []entity{e}
	names, err := c.w.accountsOf(op.store)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		moved, err := o.moveAccount(c, op.store, name)
		if err != nil {
			return nil, err
		}
		done = append(done, moved...)
	}
	return done, c.reselect(jwtstore.AccountRef{Operator: o.from}, jwtstore.AccountRef{Operator: o.to})
}

// token is the operator's under its new name.
func (o *renameOperator) token(c *change, op *operator) (string, error) {
	if op.store.Managed {
		o.out.Notef("operator %q: is managed elsewhere, where it is called %q still", o.to, op.claims.Name)
		return op.token, nil
	}
	op.claims.Name = o.to
	by, err := c.w.operatorSigner(op)
	if err != nil {
		return "", err
	}
	return by.renew(op.claims, op.token)
}

// moveAccount stages that an account goes along with its operator, whether its
// token can be read or not. A directory without a token may hold users still.
func (o *renameOperator) moveAccount(c *change, store *jwtstore.Store, name string) ([]entity, error) {
	from, to := jwtstore.AccountRef{Operator: o.from, Account: name}, jwtstore.AccountRef{Operator: o.to, Account: name}
	users, err := c.moveUsers(store, from, to)
	if err != nil {
		return nil, err
	}
	token, err := store.Account(name)
	if errors.Is(err, fs.ErrNotExist) {
		return users, nil
	}
	if err != nil {
		return nil, err
	}
	e := entity{Action: actionMoved, Kind: jwtstore.KindAccount, Name: name, Operator: o.to}
	if head, err := jwtstore.ReadHead(token); err == nil {
		e.PublicKey = head.Subject
	}
	file, err := c.tokens.MoveAccount(from, to, token)
	if err != nil {
		return nil, err
	}
	e.file("token", file)
	return append([]entity{e}, users...), nil
}
