package cmd

import (
	"context"
	"io/fs"
	"slices"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

type validate struct {
	*app
	account string
	all     bool
	file    string
}

func newValidate(a *app) *cobra.Command {
	o := &validate{app: a}
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check tokens, keys and creds for everything that is amiss",
		Long: `Check the operator and the current account with its users, a named account, or
all of them: form and signature of every token, whether those issued it who may,
its times, what servers would refuse and what cannot be meant, its name, the
seeds in the keystore, and the creds of users. Nothing is changed. A file that
cannot be read is one flaw among others and never ends the check.

With -f, check the tokens in a file instead, which needs no store: one a line,
bare or as KEY|token, decorated ones, or creds. They are judged by themselves,
and by the current operator what its keys and its accounts have issued.

Exit code 5 means that something was found that has to be mended. Warnings alone
leave it at 0. --json also has notes, and counts the keys without a stored seed.`,
		Example: `  nkeep validate
  nkeep validate -A
  nkeep validate -a ORDERS --json | jq '.findings[] | select(.severity == "error")'
  nkeep validate -f shop.creds`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "account to check")
	f.BoolVarP(&o.all, "all-accounts", "A", false, "check all accounts")
	f.StringVarP(&o.file, "file", "f", "", "file of tokens to check instead; - is standard input")
	exclusive(c, "account", "all-accounts", "file")
	return c
}

func (o *validate) run(ctx context.Context) error {
	check := o.checkStore
	if o.file != "" {
		check = o.checkFile
	}
	v := &validateView{}
	if err := check(ctx, v); err != nil {
		return err
	}
	v.sort()
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}

// checkStore goes through the operator and the accounts that were asked for.
func (o *validate) checkStore(ctx context.Context, v *validateView) error {
	w, store, err := o.openStore(ctx, "")
	if err != nil {
		return err
	}
	accounts, err := store.AccountTokens()
	if err != nil {
		return err
	}
	defer accounts.Close()
	names, err := o.accounts(w, store, accounts.Names())
	if err != nil {
		return err
	}
	i := &inspection{
		view: v, store: store, ring: w.ring, crew: newCrew(),
		judge: claims.Chain{Managed: store.Managed, Now: o.env.Now()},
	}
	i.operator()
	bar := o.out.Progress(len(names), "checking accounts")
	defer bar.Done()
	return i.crew.each(ctx, len(names), func(n int) {
		i.account(ctx, accounts, names[n])
		bar.Add(1)
	})
}

// accounts are the names of those to check.
func (o *validate) accounts(w *workspace, store *jwtstore.Store, all []string) ([]string, error) {
	if o.all || len(all) == 0 && o.account == "" {
		return all, nil
	}
	name, err := w.accountName(store, o.account)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(all, name) {
		err := &jwtstore.EntityError{Kind: jwtstore.KindAccount, Name: name, Err: fs.ErrNotExist}
		return nil, withHint(err, "list accounts with: nkeep list accounts")
	}
	return []string{name}, nil
}
