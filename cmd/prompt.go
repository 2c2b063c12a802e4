package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// interact asks, with --interactive, before something is destroyed.
func (a *app) interact(c *cobra.Command) error {
	what, deletes := strings.CutPrefix(commandName(c), "delete ")
	if !a.flags.interactive || !deletes {
		return nil
	}
	return a.confirm(c.Context(), "Delete the "+what+" and all that belongs to it?")
}
