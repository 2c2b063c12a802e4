package cmd

import "github.com/spf13/cobra"

func newAdd(a *app) *cobra.Command {
	c := newGroup("add", "Create an operator, an account, a user, an export, an import or a mapping", "  nkeep add operator ACME --sys\n  nkeep add account ORDERS\n  nkeep add user shop",
		newAddOperator(a), newAddAccount(a), newAddUser(a), newAddExport(a), newAddImport(a), newAddMapping(a))
	c.Aliases = []string{"create"}
	return c
}
