package cmd

import (
	"slices"
	"strings"

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
	if err := refuseEmpty(c, args); err != nil {
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

// refuseEmpty refuses to take nothing for the current operator or account, or for
// the only user: in a script it is a variable that was not set.
func refuseEmpty(c *cobra.Command, args []string) error {
	const hint = "name one, or leave it out for the current or only one"
	named := []string{"operator", "account", "user"}
	if takesCurrent(c) {
		if slices.Contains(args, "") {
			return withHint(usagef("%s: a name is empty", commandName(c)), hint)
		}
		named = append(named, "name")
	}
	for _, name := range named {
		if isEmpty(c, name) {
			return withHint(usagef("--%s: is empty", name), hint)
		}
	}
	if isEmpty(c, "field") {
		return withHint(usagef("--field: is empty"), "see all fields with --json")
	}
	return nil
}

func isEmpty(c *cobra.Command, flag string) bool {
	f := c.Flags().Lookup(flag)
	return f != nil && f.Changed && f.Value.Type() == "string" && f.Value.String() == ""
}

// takesCurrent tells commands that go on without a name from those for which it
// is that of something new, or of what is to be deleted.
func takesCurrent(c *cobra.Command) bool {
	return slices.Contains([]string{"operator", "account", "user", "authcallout", "creds"}, c.Name()) &&
		slices.Contains([]string{"describe", "edit", "generate", "reissue"}, c.Parent().Name())
}

// refuseDetached refuses a number behind a flag that takes one only after "=":
// it would be taken for a name, and a user would be made of it.
func refuseDetached(c *cobra.Command, typed []string) error {
	for i, word := range typed[:max(len(typed)-1, 0)] {
		name, isLong := strings.CutPrefix(word, "--")
		f := c.Flags().Lookup(name)
		if !isLong || f == nil || f.NoOptDefVal == "" || f.Value.Type() != "int" {
			continue
		}
		if next := typed[i+1]; next != "" && strings.Trim(next, "0123456789") == "" {
			return usagef("--%s: a number is given with =: --%s=%s", name, name, next)
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
