package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type deleteOperator struct {
	*app
	name  string
	force bool
	with  disposal
	known []string // accounts, of which was said that they would go
}

func newDeleteOperator(a *app) *cobra.Command {
	o := &deleteOperator{app: a}
	c := &cobra.Command{
		Use:   "operator NAME",
		Short: "Delete an operator, its accounts and their users",
		Long: `Delete an operator. One that has accounts is deleted with all of them and their
users, but not by the way: the command says what would go and asks, or demands
--force where there is no terminal.

Tokens go; seeds and creds stay and are named, unless --rm-nkey and --rm-creds are
given. With the seeds of an operator goes the power over every server that trusts
it: keep a copy of them elsewhere first.`,
		Example: `  nkeep delete operator ACME
  nkeep delete operator ACME --force --rm-nkey --rm-creds`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				return required(c, "operator")
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "operator to delete")
	f := c.Flags()
	f.BoolVarP(&o.force, "force", "F", false, "delete the accounts and users of the operator as well")
	o.with.bind(f, "remove the seeds of the operator, its accounts and users, too", "remove the users' creds, too")
	a.completeName(c, operatorNames)
	return c
}

func (o *deleteOperator) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	store, err := w.operatorStore(o.name)
	if err != nil {
		return err
	}
	if err := o.ask(ctx, store); err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		done, err = o.stage(c, store)
		return err
	})
	if err != nil {
		return err
	}
	o.noteLeft(store.OperatorPath())
	o.out.Notef("servers that trust operator %q go on doing so, and the creds of its users go on working there", o.name)
	if creds := left(done, "creds"); len(creds) > 0 {
		o.out.Notef("creds remain: %d in %q", len(creds), filepath.Dir(filepath.Dir(creds[0])))
	}
	o.noteSeeds(done)
	return o.out.Show(report{Entities: done})
}

// ask makes sure that nobody loses accounts by the way: it asks on a terminal, and
// refuses where there is none.
func (o *deleteOperator) ask(ctx context.Context, store *jwtstore.Store) error {
	names, err := store.AccountNames()
	o.known = names
	if err != nil || len(names) == 0 || o.force || o.flags.interactive { // by which it was asked already
		return err
	}
	goes := fmt.Sprintf("operator %q: has accounts, which would go with it, %d in all: %s", o.name, len(names), firstOf(names, 20))
	if _, ok := o.asker(); !ok {
		return withHint(errors.New(goes), "look at them with: nkeep list accounts -o %q; --force deletes all of it", o.name)
	}
	return o.confirm(ctx, goes+". Delete all of it?")
}

// stage deletes the operator, which is the first of the report, and what it owns.
func (o *deleteOperator) stage(c *change, store *jwtstore.Store) ([]entity, error) {
	names, err := store.AccountNames()
	if err != nil {
		return nil, err
	}
	if !o.force && !slices.Equal(names, o.known) {
		return nil, withHint(fmt.Errorf("operator %q: has other accounts by now: %s", store.Name, firstOf(names, 20)), "look at them with: nkeep list accounts -o %q", store.Name)
	}
	public, keys, err := o.keys(store)
	if err != nil {
		return nil, err
	}
	houses, err := c.w.households(store, o.with)
	if err != nil {
		return nil, err
	}
	if o.with.keys {
		all := slices.Clone(keys)
		for _, h := range houses {
			all = append(append(all, h.publicKeys()...), keysOf(h.going)...)
		}
		mine := func(operator, _, _ string) bool { return operator == store.Name }
		if o.with.used, err = c.w.usedBy(all, mine); err != nil {
			return nil, err
		}
	}
	file, err := c.tokens.RemoveOperator(store.Name)
	if err != nil {
		return nil, err
	}
	e := entity{Action: actionDeleted, Kind: jwtstore.KindOperator, Name: store.Name, PublicKey: public, Deletion: &deletion{}}
	e.Deletion.removed("token", file)
	for i, k := range keys {
		what := "signing key"
		if i == 0 {
			what = "key"
		}
		if err := c.removeKey(o.with, what, k, e.Deletion); err != nil {
			return nil, err
		}
	}
	done := []entity{e}
	for _, h := range houses {
		gone, err := c.removeHousehold(o.with, store.Name, h)
		if err != nil {
			return nil, err
		}
		done = append(done, gone...)
	}
	return done, c.deselectOperator(store.Name)
}

// keys are the operator's identity and signing keys. Its token need not check out:
// to get rid of it may be why it is deleted.
func (o *deleteOperator) keys(store *jwtstore.Store) (public string, all []string, err error) {
	token, err := store.Operator()
	if err == nil {
		var oc *jwt.OperatorClaims
		if oc, err = jwt.DecodeOperatorClaims(token); err == nil {
			return oc.Subject, append([]string{oc.Subject}, oc.SigningKeys...), nil
		}
		err = fmt.Errorf("file %q: %w", store.OperatorPath(), err)
	}
	if o.force {
		o.out.Warnf("operator %q: its keys are not known, and stay: %v", store.Name, err)
		return "", nil, nil
	}
	return "", nil, withHint(err, "--force deletes it nevertheless; its keys are not known, and stay")
}

// deselectOperator clears the saved selection of an operator that is deleted.
func (c *change) deselectOperator(name string) error {
	_, ok, err := c.w.savedHere(name)
	if err != nil || !ok {
		return err
	}
	return c.choose("", "")
}
