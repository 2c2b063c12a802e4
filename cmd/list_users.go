package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

func newListUsers(a *app) *cobra.Command {
	var operator, account string
	c := &cobra.Command{
		Use:     "users",
		Aliases: []string{"user"},
		Short:   "List the users of an account",
		Example: "  nkeep list users -a ORDERS\n  nkeep list users --json | jq -r '.[].name'",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listUsers(c.Context(), operator, account) },
	}
	c.Flags().StringVarP(&operator, "operator", "o", "", "operator, for this run")
	a.bindAccount(c, &account, "account, for this run")
	a.completeOperators(c, "operator")
	return c
}

func (a *app) listUsers(ctx context.Context, operator, account string) error {
	w, store, err := a.openStore(ctx, operator)
	if err != nil {
		return err
	}
	name, err := w.accountName(store, account)
	if err != nil {
		return err
	}
	if _, err := store.Account(name); err != nil {
		return withHint(err, "list accounts with: nkeep list accounts")
	}
	count, err := a.showItems("Users of "+name, store.ScanUsers(name), "")
	if count == 0 && err == nil {
		a.out.Notef("account %q has no user yet: add one with: nkeep add user -a %q NAME", name, name)
	}
	return err
}
