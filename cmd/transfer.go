package cmd

import "github.com/spf13/cobra"

func newExport(a *app) *cobra.Command {
	return newGroup("export", "Take keys out of the keystore into files", "  nkeep export keys -d backup --all", newExportKeys(a))
}

func newImport(a *app) *cobra.Command {
	return newGroup("import", "Take keys, accounts and users into the store from files", "  nkeep import keys -d backup\n  nkeep import account --file ORDERS.jwt",
		newImportAccount(a), newImportKeys(a), newImportUser(a))
}
