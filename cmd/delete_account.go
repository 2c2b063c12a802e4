package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
)

type deleteAccount struct {
	*app
	name   string
	revoke bool
	force  bool
	with   disposal
}

func newDeleteAccount(a *app) *cobra.Command {
	o := &deleteAccount{app: a}
	c := &cobra.Command{
		Use:   "account NAME",
		Short: "Delete an account and its users",
		Long: `Delete an account and all of its users. Their tokens go; seeds and creds stay and
are named, unless --rm-nkey and --rm-creds are given.

Without --push servers are not told: those that have the account go on serving it,
creds and all, until it is deleted there. With --push they first get it locked out,
with all users revoked and no connection allowed, and are then asked to delete it.
Where their configuration does not allow that, it stays locked out. When no server
takes it, nothing is deleted here.`,
		Example: `  nkeep delete account ORDERS
  nkeep delete account ORDERS --push
  nkeep delete account ORDERS --rm-nkey --rm-creds`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				return required(c, "account")
			}
			if o.revoke && c.Flags().Changed("revoke") {
				a.out.Warnf("nothing is revoked: a revocation in a token that is deleted reaches no server")
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "account to delete, by name or public key")
	f := c.Flags()
	f.BoolVarP(&o.force, "force", "F", false, "delete the system account, an account of a managed operator, and one that cannot be read, too")
	f.BoolVarP(&o.revoke, "revoke", "R", false, "has no effect: a revocation in a token that is deleted reaches no server")
	o.with.bind(f, "remove the seeds of the account and its users, too", "remove the users' creds, too")
	a.completeName(c, accountNames)
	a.bindPush(c)
	return c
}

func (o *deleteAccount) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var r report
	if o.pushes.wanted() {
		if err := o.lockOut(ctx, w, &r); err != nil {
			return err
		}
	}
	err = w.update(ctx, func(c *change) error {
		r.Entities, err = o.stage(c)
		return err
	})
	if err != nil {
		return err
	}
	failed := o.removed(&r)
	o.advise(r)
	if err := o.out.Show(r); err != nil {
		return err
	}
	return failed
}

// stage deletes an account, which is the first of the report, and its users.
func (o *deleteAccount) stage(c *change) ([]entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return nil, err
	}
	name, err := findAccount(op.store, o.name)
	if err != nil {
		return nil, err
	}
	ac, err := o.leaving(c.w, op, name)
	if err != nil {
		return nil, err
	}
	users, err := c.w.usersOf(op.store, name)
	if err != nil {
		return nil, err
	}
	going := users.all(o.with)
	if o.with.keys {
		if o.with.used, err = c.w.usedBy(append(keysOf(going), ac.publicKeys()...), users.everyone()); err != nil {
			return nil, err
		}
	}
	e, err := c.removeAccount(o.with, op.store.Name, ac)
	if err != nil {
		return nil, err
	}
	done := []entity{e}
	for _, l := range going {
		if e, err = c.removeUser(o.with, op.store.Name, name, l); err != nil {
			return nil, err
		}
		done = append(done, e)
	}
	o.warn(op, ac)
	return done, c.deselect(op.store.Name, name)
}

// leaving loads an account that need not check out: to get rid of it may be why
// it is deleted.
func (o *deleteAccount) leaving(w *workspace, op *operator, name string) (leavingAccount, error) {
	if _, err := op.store.Account(name); err != nil {
		return leavingAccount{}, withHint(err, "list accounts with: nkeep list accounts")
	}
	ac, err := op.unverifiedAccount(name)
	if err != nil && !o.force {
		return leavingAccount{}, withHint(err, "--force deletes it nevertheless; its keys are not known, and stay")
	}
	l := leavingAccount{name: name}
	if err == nil {
		l.public, l.keys = ac.claims.Subject, accountKeys(ac.claims)
		if err := w.checkKey(op, ac.claims); err != nil {
			return l, err
		}
	}
	switch {
	case o.force:
	case l.public == op.claims.SystemAccount:
		return l, withHint(fmt.Errorf("account %q: is the system account of operator %q, which servers cannot do without", name, op.store.Name),
			"name another first with: nkeep edit operator --system-account NAME; --force deletes it nevertheless")
	case op.store.Managed:
		return l, withHint(fmt.Errorf("account %q: operator %q is managed elsewhere, where the account is known, too", name, op.store.Name), "--force deletes it here")
	}
	return l, nil
}

// warn says what a deleted account leaves in want of it.
func (o *deleteAccount) warn(op *operator, ac leavingAccount) {
	if ac.public == "" {
		return
	}
	if ac.public == op.claims.SystemAccount {
		o.out.Warnf("operator %q still names %s as its system account; name another with: nkeep edit operator --system-account NAME", op.store.Name, ac.public)
	}
	importers, unread, err := op.importers(ac.public, nil)
	if err != nil {
		o.out.Warnf("who imports from account %q is not known: %v", ac.name, err)
	}
	if len(unread) > 0 {
		o.out.Warnf("accounts that cannot be read may import from account %q: %s", ac.name, firstOf(unread, 20))
	}
	if len(importers) > 0 {
		o.out.Warnf("accounts that import from account %q: %s", ac.name, firstOf(importers, 20))
	}
}

// advise says what is left to do. Without --push no server hears of a deletion here.
func (o *deleteAccount) advise(r report) {
	done := r.Entities
	file, key := "its file", "KEY"
	if public := done[0].PublicKey; public != "" {
		file, key = public+".jwt", public
	}
	if r.Push == nil {
		o.out.Warnf("servers that have account %s go on serving it, and the creds of its users go on working, until it is deleted there: with nkeep push -R %s where they allow deletion; else take %s out of the resolver's directory, or the account out of its configuration",
			strconv.Quote(done[0].Name), key, file)
	}
	if creds := left(done, "creds"); len(creds) > 0 {
		o.out.Notef("creds remain: %d in %q", len(creds), filepath.Dir(creds[0]))
	}
	o.noteSeeds(done)
}

// deselect clears the saved selection of an account that is deleted.
func (c *change) deselect(operator, account string) error {
	saved, ok, err := c.w.savedHere(operator)
	if err != nil || !ok || saved.Account != account {
		return err
	}
	return c.choose(operator, "")
}
