package cmd

import (
	"context"

	"nkeep/render"

	"github.com/spf13/cobra"
)

func newSelect(a *app) *cobra.Command {
	return newGroup("select", "Select the operator or account that commands use when none is named", "  nkeep select operator ACME\n  nkeep select account ORDERS",
		newSelectOperator(a), newSelectAccount(a))
}

// selection is what is selected now.
type selection struct {
	Operator string `json:"operator"`
	Account  string `json:"account"`
}

// Text implements [render.View].
func (v selection) Text(t *render.Text) {
	t.Linef("selected operator %q, account %q", v.Operator, v.Account)
}

func (a *app) selectIn(ctx context.Context, choose func(*workspace) error) error {
	if a.isSet("NSC_CWD_ONLY") {
		return usagef("NSC_CWD_ONLY is set: the selection is neither read nor saved")
	}
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	if err := choose(w); err != nil {
		return err
	}
	return a.out.Show(selection{w.selected.Operator, w.selected.Account})
}

func newSelectOperator(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "operator NAME",
		Short:   "Select an operator",
		Example: "  nkeep select operator ACME",
		Args:    oneArg("operator"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.selectIn(c.Context(), func(w *workspace) error { return w.saveSelection(c.Context(), args[0], "") })
		},
	}
	c.ValidArgsFunction = a.complete(operatorNames)
	return c
}

func newSelectAccount(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "account NAME",
		Short:   "Select an account of the current operator",
		Example: "  nkeep select account ORDERS",
		Args:    oneArg("account"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.selectIn(c.Context(), func(w *workspace) error { return w.saveSelection(c.Context(), "", args[0]) })
		},
	}
	c.ValidArgsFunction = a.complete(accountNames)
	return c
}

// oneArg demands exactly one name.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return usagef("%s: takes one name, got %d", commandName(c), len(args))
		case len(args) == 0 || args[0] == "":
			return required(c, what)
		}
		return nil
	}
}
