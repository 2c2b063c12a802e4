package cmd

import (
	"context"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateDiagramComponent struct{ diagrams }

func newGenerateDiagramComponent(a *app) *cobra.Command {
	o := &generateDiagramComponent{diagrams{app: a}}
	c := &cobra.Command{
		Use:   "component",
		Short: "Generate a diagram of what accounts export and import",
		Long: `Generate a diagram of the accounts of the current operator: what each exports, and
which others import it. An import whose export is not in the store leads to a node
that says so. What is amiss with an account is noted beside it.`,
		Example: "  nkeep generate diagram component\n  nkeep generate diagram component --format dot | dot -Tsvg > accounts.svg",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.bind(c)
	c.Flags().BoolVar(&o.detail, "detail", false, "show descriptions, too")
	return c
}

func (o *generateDiagramComponent) run(ctx context.Context) error {
	_, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	accounts, err := o.accounts(ctx, op, false)
	if err != nil {
		return err
	}
	return o.deliver(render.ComponentDiagram(op.store.Name, accounts, o.detail))
}
