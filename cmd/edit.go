package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newEdit(a *app) *cobra.Command {
	return newGroup("edit", "Change an operator, an account, a user, an export, a signing key or an auth callout", "  nkeep edit operator --tag prod\n  nkeep edit account ORDERS --conns 100",
		newEditOperator(a), newEditAccount(a), newEditUser(a), newEditExport(a), newEditSigningKey(a), newEditAuthCallout(a))
}

// nothingToEdit is the error for an edit without any edit flag.
func nothingToEdit(c *cobra.Command) error {
	return withHint(usagef("%s: nothing to change", commandName(c)), "say what with flags, for example:%s", firstExample(c))
}

// givenNothing reports whether a time or a list was given an empty value, which
// leaves it alone: scripts pass on a variable that may be empty.
func givenNothing(c *cobra.Command) bool {
	given := false
	c.Flags().Visit(func(f *pflag.Flag) {
		list, isList := f.Value.(pflag.SliceValue)
		given = given || isList && len(list.GetSlice()) == 0 || f.Value.Type() == "time" && f.Value.String() == ""
	})
	return given
}

// strands refuses to remove signing keys that have issued what servers would refuse
// from then on. With force it says so, and lets it happen.
func (a *app) strands(kind string, removed []string, force bool, items []jwtstore.Item) error {
	var names []string
	for _, it := range items {
		if it.Err == nil && slices.Contains(removed, it.Head.Issuer) {
			names = append(names, strconv.Quote(it.Name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	err := fmt.Errorf("signing key: has issued %ss, which servers refuse without it until they are signed again: %s", kind, firstOf(names, 20))
	if force {
		a.out.Warnf("%v", err)
		return nil
	}
	return withHint(err, "sign them again before: nkeep edit %s NAME -K KEY; --force removes the key nevertheless", kind)
}

// edit runs stage as one transaction, after the values of --sk have become
// public keys; their seeds, as far as they are known, are what stage gets.
func (a *app) edit(ctx context.Context, sk *claims.ListEdit, kind nkeys.PrefixByte, stage func(*change, []key) (entity, error)) (e entity, err error) {
	w, err := a.open(ctx)
	if err != nil {
		return e, err
	}
	publics, keys, err := w.signingKeys(sk.Add, kind)
	if err != nil {
		return e, err
	}
	sk.Add = publics
	err = w.update(ctx, func(c *change) error {
		e, err = stage(c, keys)
		return err
	})
	return e, err
}

// updateAccount changes the named or selected account, as one transaction.
func (a *app) updateAccount(ctx context.Context, named string, stage func(*change, *operator, *account) (entity, error)) (e entity, err error) {
	w, err := a.open(ctx)
	if err != nil {
		return e, err
	}
	err = w.update(ctx, func(c *change) error {
		op, err := w.operator("")
		if err != nil {
			return err
		}
		ac, err := w.selectedAccount(op, named)
		if err != nil {
			return err
		}
		e, err = stage(c, op, ac)
		return err
	})
	return e, err
}
