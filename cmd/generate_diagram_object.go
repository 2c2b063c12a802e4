package cmd

import (
	"context"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateDiagramObject struct {
	diagrams
	users, keys bool
}

func newGenerateDiagramObject(a *app) *cobra.Command {
	o := &generateDiagramObject{diagrams: diagrams{app: a}}
	c := &cobra.Command{
		Use:   "object",
		Short: "Generate a diagram of an operator, its accounts and users",
		Long: `Generate a diagram of the current operator, its accounts and, with --users, their
users: with the limits that were set or, with --detail, with all of them, and with
permissions and tags. What is amiss with one of them is noted beside it.`,
		Example: "  nkeep generate diagram object --users\n  nkeep generate diagram object --detail --format mermaid -o operator.mmd",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.bind(c)
	f := c.Flags()
	f.BoolVar(&o.detail, "detail", false, "show every limit, permissions and tags")
	f.BoolVar(&o.users, "users", false, "show users, too")
	f.BoolVar(&o.keys, "show-keys", false, "show public keys")
	return c
}

func (o *generateDiagramObject) run(ctx context.Context) error {
	_, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	accounts, err := o.accounts(ctx, op, o.users)
	if err != nil {
		return err
	}
	top := render.DiagramOperator{Name: op.store.Name, Claims: op.claims, Issues: o.issues(op.claims, nil)}
	return o.deliver(render.ObjectDiagram(top, accounts, render.ObjectOptions{Keys: o.keys, Detail: o.detail}))
}
