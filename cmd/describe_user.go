package cmd

import (
	"context"

	"nkeep/claims"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newDescribeUser(o *describe) *cobra.Command {
	var name, account string
	c := &cobra.Command{
		Use:     "user [NAME]",
		Short:   "Show a user",
		Example: "  nkeep describe user shop -a ORDERS\n  nkeep describe user shop --json",
		RunE:    func(c *cobra.Command, _ []string) error { return o.user(c.Context(), account, name) },
	}
	nameArg(c, &name, "user to show, by name or public key")
	c.Flags().StringVarP(&account, "account", "a", "", "account of the user, by name or public key")
	o.completeAccounts(c, "account")
	o.completeName(c, userNames)
	return c
}

func (o *describe) user(ctx context.Context, account, named string) error {
	op, ac, err := o.lookAt(ctx, account)
	if err != nil {
		return err
	}
	name, err := userNamed(op.store, ac.name, named)
	if err != nil {
		return err
	}
	u, err := o.anyUser(op, ac, name)
	if err != nil {
		return err
	}
	scope, _ := claims.ScopeOf(ac.claims, u.claims.Issuer)
	return o.show(u.token, u.claims, render.User(u.claims, scope, o.names(op, ac), o.env.Now()))
}
