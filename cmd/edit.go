package cmd

import "github.com/spf13/cobra"

func newEdit(a *app) *cobra.Command {
	return newGroup("edit", "Change an operator or an account", "  nkeep edit operator --tag prod\n  nkeep edit account ORDERS --conns 100",
		newEditOperator(a), newEditAccount(a))
}

// nothingToEdit is the error for an edit without any edit flag.
func nothingToEdit(c *cobra.Command) error {
	return withHint(usagef("%s: nothing to change", c.CommandPath()), "say what with flags, for example:%s", firstExample(c))
}
