package cmd

import "github.com/spf13/cobra"

func newDelete(a *app) *cobra.Command {
	return newGroup("delete", "Delete an account, a user or an export", "  nkeep delete user shop -a ORDERS\n  nkeep delete export -a ORDERS -s \"orders.>\"",
		newDeleteAccount(a), newDeleteUser(a), newDeleteExport(a))
}
