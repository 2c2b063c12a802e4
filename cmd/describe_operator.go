package cmd

import (
	"context"

	"nkeep/render"

	"github.com/spf13/cobra"
)

func newDescribeOperator(o *describe) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:     "operator [NAME]",
		Short:   "Show an operator",
		Example: "  nkeep describe operator\n  nkeep describe operator --field nats.system_account",
		RunE:    func(c *cobra.Command, _ []string) error { return o.operator(c.Context(), name) },
	}
	nameArg(c, &name, "operator to show, by name or public key")
	o.completeName(c, operatorNames)
	return c
}

func (o *describe) operator(ctx context.Context, name string) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	if name, err = w.operatorNamed(name); err != nil {
		return err
	}
	op, err := w.operator(name)
	if err != nil {
		return err
	}
	return o.show(op.token, op.claims, render.Operator(op.claims, o.names(op), o.env.Now()))
}
