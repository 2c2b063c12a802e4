package cmd

import (
	"runtime/debug"
	"strings"

	"nkeep/render"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// globalFlags are those of every command.
type globalFlags struct {
	allDirs, configDir, dataDir, keystoreDir string
	privateKey                               string
	interactive, json, quiet, longIDs        bool
}

func (g *globalFlags) bind(f *pflag.FlagSet) {
	f.StringVarP(&g.allDirs, "all-dirs", "H", "", "one directory for configuration, tokens and keys")
	f.StringVar(&g.configDir, "config-dir", "", "directory of the configuration")
	f.StringVar(&g.dataDir, "data-dir", "", "directory of the tokens, for this run")
	f.StringVar(&g.keystoreDir, "keystore-dir", "", "directory of the keys and creds")
	f.BoolVarP(&g.interactive, "interactive", "i", false, "ask on the terminal for what is not given")
	f.StringVarP(&g.privateKey, "private-key", "K", "", "key to sign with: a role, a public key, a seed, a file that holds one, - or fd:N to read it from standard input or a descriptor")
	f.BoolVarP(&g.json, "json", "J", false, "print results as JSON on stdout and the final error as JSON on stderr")
	f.BoolVar(&g.quiet, "quiet", false, "leave out notes and progress")
}

func newRoot(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   programName(a.env.Name),
		Short: "Provision decentralized auth for NATS",
		Long: `Nkeep provisions decentralized auth for NATS. An operator signs accounts, an
account signs users, and a NATS server trusts whom the operator trusts. Nkeep
makes and keeps all of it: keys, signed tokens, creds files, server
configuration, and pushes to running servers. It shares its files with nsc.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 exists already,
5 checks failed or a push was partly refused, 130 interrupted (by SIGINT),
143 terminated (by SIGTERM).`,
		Example: `  nkeep up                                 # a running, secured server from nothing
  nkeep add operator ACME --sys            # or step by step
  nkeep add account ORDERS
  nkeep add user shop
  nkeep generate config --nats-resolver`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		PersistentPreRun:  func(*cobra.Command, []string) { a.openPrinter() },
	}
	a.flags.bind(c.PersistentFlags())
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if args := c.Flags().Args(); c.HasSubCommands() && len(args) > 0 {
			return unknownCommand(c, args[0]) // its flags are unknown for that
		}
		return withHint(usageError{err}, "see: %s --help", c.CommandPath())
	})
	for _, v := range wanted(a.typed) {
		c.AddCommand(v.build(a))
	}
	c.CompletionOptions.DisableDefaultCmd = true
	requireSubcommands(c)
	a.noteRuns(c)
	return c
}

// noteRuns marks a run as begun once a command's own code does: whatever goes
// wrong before that is wrong with the command line.
func (a *app) noteRuns(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.noteRuns(sub)
	}
	for _, text := range []*string{&c.Example, &c.Long} {
		*text = render.Called(*text, programName(a.env.Name))
	}
	for _, own := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} { // LocalFlags builds a set of its own
		own.VisitAll(func(f *pflag.Flag) { f.Usage = render.Called(f.Usage, programName(a.env.Name)) })
	}
	c.Flags().SetOutput(redactor{a.env.Stderr}) // what is deprecated; cobra would print it among the results
	a.allowMissing(c)
	if run, check := c.RunE, c.PreRunE; run != nil {
		c.PreRunE = nil
		c.RunE = func(c *cobra.Command, args []string) error {
			args, err := a.prepare(c, args, check)
			if err != nil {
				return err
			}
			a.begun = true
			return run(c, args)
		}
	}
}

// programName is nsc when the program goes by that name, so that completion
// and messages fit, and nkeep otherwise.
func programName(called string) string {
	if name := strings.TrimSuffix(called, ".exe"); name == "nsc" {
		return name
	}
	return "nkeep"
}

// newGroup is a command that only holds others.
func newGroup(use, short, example string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Example: example}
	c.AddCommand(subs...)
	return c
}

// requireSubcommands makes a group without a known subcommand a usage error
// where nsc prints help and succeeds.
func requireSubcommands(c *cobra.Command) {
	for _, sub := range c.Commands() {
		requireSubcommands(sub)
	}
	if c.Runnable() || !c.HasSubCommands() {
		return
	}
	c.Args = cobra.ArbitraryArgs
	c.SuggestionsMinimumDistance = 2
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		return unknownCommand(c, args[0])
	}
}

func unknownCommand(c *cobra.Command, name string) error {
	err := usagef("unknown command %q for %q", name, c.CommandPath())
	if near := c.SuggestionsFor(name); len(near) > 0 {
		return withHint(err, "did you mean: %s %s", c.CommandPath(), near[0])
	}
	return withHint(err, "known are: %s", strings.Join(subcommandNames(c), ", "))
}

func subcommandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
