package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

func newListAccounts(a *app) *cobra.Command {
	var operator string
	c := &cobra.Command{
		Use:     "accounts",
		Aliases: []string{"account"},
		Short:   "List the accounts of an operator",
		Example: "  nkeep list accounts -W\n  nkeep list accounts --json | jq -r '.[].public_key'",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listAccounts(c.Context(), operator) },
	}
	c.Flags().StringVarP(&operator, "operator", "o", "", "operator, for this run")
	a.completeOperators(c, "operator")
	return c
}

func (a *app) listAccounts(ctx context.Context, operator string) error {
	w, store, err := a.openStore(ctx, operator)
	if err != nil {
		return err
	}
	current, _ := w.accountName(store, "")
	count, err := a.showItems("Accounts", store.ScanAccounts(), current)
	if count == 0 && err == nil {
		a.out.Notef("operator %q has no account yet: add one with: nkeep add account NAME", store.Name)
	}
	return err
}
