package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// exclusive refuses more than one of the flags.
func exclusive(c *cobra.Command, names ...string) {
	checkGiven(c, names, func(given []string) error {
		if len(given) > 1 {
			return withHint(usagef("%s: %s cannot be given together", commandName(c), strings.Join(given, " and ")), "see: %s --help", c.CommandPath())
		}
		return nil
	})
}

// oneRequired demands one of the flags at least.
func oneRequired(c *cobra.Command, names ...string) {
	checkGiven(c, names, func(given []string) error {
		if len(given) == 0 {
			return withHint(usagef("%s: needs one of --%s", commandName(c), strings.Join(names, ", --")), "for example:%s", firstExample(c))
		}
		return nil
	})
}

func checkGiven(c *cobra.Command, names []string, check func(given []string) error) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if before != nil {
			if err := before(c, args); err != nil {
				return err
			}
		}
		var given []string
		for _, name := range names {
			if c.Flags().Changed(name) {
				given = append(given, "--"+name)
			}
		}
		return check(given)
	}
}
