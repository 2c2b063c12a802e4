package cmd

import (
	"context"

	"nkeep/render"

	"github.com/spf13/cobra"
)

func newDescribeAccount(o *describe) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "account [NAME]",
		Short: "Show an account",
		Example: `  nkeep describe account ORDERS
  nkeep describe account ORDERS --field nats.limits.conn
  nkeep describe account ORDERS --raw`,
		RunE: func(c *cobra.Command, _ []string) error { return o.account(c.Context(), name) },
	}
	nameArg(c, &name, "account to show, by name or public key")
	o.completeName(c, accountNames)
	return c
}

func (o *describe) account(ctx context.Context, named string) error {
	op, ac, err := o.lookAt(ctx, named)
	if err != nil {
		return err
	}
	return o.show(ac.token, ac.claims, render.Account(ac.claims, o.names(op, ac), o.env.Now()))
}
