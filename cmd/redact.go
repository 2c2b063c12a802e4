package cmd

import (
	"io"
	"slices"
	"strings"

	"nkeep/keystore"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// redactor hides seeds in messages; each comes in one piece.
type redactor struct{ w io.Writer }

func (r redactor) Write(p []byte) (int, error) {
	if _, err := io.WriteString(r.w, keystore.Redact(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// completable hides seeds on a command line that is to be completed: what goes
// wrong then, cobra tells past every writer of ours.
func completable(args []string) []string {
	if len(args) == 0 || !strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return args
	}
	var hidden []string
	for _, arg := range args {
		hidden = append(hidden, keystore.Redact(arg))
	}
	return hidden
}

// refuseSeeds refuses seeds where none belongs. As a name, a tag or a path one
// would end up in tokens, in listings and on servers, for all to see.
func (a *app) refuseSeeds(c *cobra.Command, args []string) error {
	const hint = "a seed is given to --private-key, --public-key, --sk or --curve; if this was one, take it for known to others"
	if slices.ContainsFunc(args, keystore.HoldsSeed) {
		return withHint(usagef("%s: an argument looks like a seed", commandName(c)), hint)
	}
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(append(keyFlags(), "profile"), f.Name) && slices.ContainsFunc(valuesOf(f), keystore.HoldsSeed) {
			err = withHint(usagef("--%s: looks like a seed", f.Name), hint)
		}
	})
	for _, name := range variables() {
		if keystore.HoldsSeed(a.getenv(name)) {
			err = usagef("environment variable %s: looks like a seed", name)
		}
	}
	return err
}

// valuesOf are the values of a flag, of which a list has several.
func valuesOf(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}
