package cmd

import "github.com/spf13/cobra"

func newAdd(a *app) *cobra.Command {
	c := newGroup("add", "Create an operator, an account or a user", "  nkeep add operator ACME --sys\n  nkeep add account ORDERS\n  nkeep add user shop",
		newAddOperator(a), newAddAccount(a), newAddUser(a))
	c.Aliases = []string{"create"}
	return c
}
