package cmd

import "github.com/spf13/cobra"

func newDelete(a *app) *cobra.Command {
	return newGroup("delete", "Delete an operator, an account, a user, an export, an import or a mapping", "  nkeep delete user shop -a ORDERS\n  nkeep delete export -a ORDERS -s \"orders.>\"",
		newDeleteOperator(a), newDeleteAccount(a), newDeleteUser(a), newDeleteExport(a), newDeleteImport(a), newDeleteMapping(a))
}
