package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// prepare treats what is alike in all commands before one of them begins, and
// returns its arguments: seeds in wrong places are refused, what is missing is
// asked for, flags are checked against each other, the names of stdout become one,
// and keys that come through a pipe are read.
func (a *app) prepare(c *cobra.Command, args []string, check func(*cobra.Command, []string) error) ([]string, error) {
	if err := a.refuseSeeds(c, args); err != nil {
		return nil, err
	}
	if err := refuseEmpty(c); err != nil {
		return nil, err
	}
	args, err := a.interact(c, args)
	if err != nil {
		return nil, err
	}
	for _, check := range []cobra.PositionalArgs{a.checkArgs, check} {
		if check == nil {
			continue
		}
		if err := check(c, args); err != nil {
			return nil, err
		}
	}
	c.Flags().Visit(stdoutByOneName)
	return args, a.readKeys(c)
}

// refuseEmpty refuses to take nothing for the current operator or account: in a
// script it is a variable that was not set.
func refuseEmpty(c *cobra.Command) error {
	for _, name := range []string{"operator", "account"} {
		if f := c.Flags().Lookup(name); f != nil && f.Changed && f.Value.Type() == "string" && f.Value.String() == "" {
			return withHint(usagef("--%s: is empty", name), "leave it out for the current one")
		}
	}
	return nil
}

// onStdout is what nsc calls stdout where the name of a file is asked for.
const onStdout = "--"

func stdoutByOneName(f *pflag.Flag) {
	if f.Name != "output-file" && f.Name != "config-file" {
		return
	}
	if fd, ok := descriptor(f.Value.String()); f.Value.String() == "-" || ok && fd == 1 {
		_ = f.Value.Set(onStdout) // a string takes any value
	}
}
