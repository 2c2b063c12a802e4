package cmd

import "github.com/spf13/cobra"

func newReissue(a *app) *cobra.Command {
	return newGroup("reissue", "Give an operator a new identity", "  nkeep reissue operator --convert-to-signing-key",
		newReissueOperator(a))
}
