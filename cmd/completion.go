package cmd

import (
	"io"
	"slices"
	"strings"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newCompletion(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Generate the script that completes commands and names in a shell",
		Long:      "Generate the completion script of a shell: bash, zsh, fish or powershell. Names of\noperators, accounts, users, exports, roles and mappings are completed from the store.",
		Example:   "  source <(nkeep completion bash)\n  nkeep completion fish > ~/.config/fish/completions/" + programName(a.env.Name) + ".fish",
		ValidArgs: []string{"bash", "fish", "powershell", "zsh"},
	}
	var plain bool
	c.Flags().BoolVar(&plain, "no-descriptions", false, "complete without descriptions")
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return required(c, "shell")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		var script strings.Builder
		if err := writeCompletion(c.Root(), &script, args[0], !plain); err != nil {
			return err
		}
		return a.out.Show(completionView{args[0], script.String()})
	}
	return c
}

// completionView is the script of a shell.
type completionView struct {
	Shell  string `json:"shell"`
	Script string `json:"script"`
}

// Text implements [render.View].
func (v completionView) Text(t *render.Text) { t.Verbatim(v.Script) }

func writeCompletion(root *cobra.Command, w io.Writer, shell string, descriptions bool) error {
	switch {
	case shell == "bash":
		return root.GenBashCompletionV2(w, descriptions)
	case shell == "fish":
		return root.GenFishCompletion(w, descriptions)
	case shell == "zsh" && descriptions:
		return root.GenZshCompletion(w)
	case shell == "zsh":
		return root.GenZshCompletionNoDesc(w)
	case shell == "powershell" && descriptions:
		return root.GenPowerShellCompletionWithDesc(w)
	case shell == "powershell":
		return root.GenPowerShellCompletion(w)
	}
	return withHint(usagef("shell %q: is not known", shell), "known are: bash, fish, powershell, zsh")
}

// namer lists the names that could come next; it may leave out what does not
// begin like the word.
type namer func(w *workspace, c *cobra.Command, word string) ([]string, error)

// complete offers names that begin like the word; whatever goes wrong, it offers none.
func (a *app) complete(list namer) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		w, err := a.openPlaces()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, err := list(w, c, word)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, word) })
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeNames completes any number of names as arguments, each offered once.
func (a *app) completeNames(c *cobra.Command, list namer) {
	complete := a.complete(list)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names, directive := complete(c, nil, word)
		return slices.DeleteFunc(names, func(n string) bool { return slices.Contains(args, n) }), directive
	}
}

func (a *app) completeFlag(c *cobra.Command, flag string, list namer) {
	complete := a.complete(list)
	_ = c.RegisterFlagCompletionFunc(flag, func(c *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return complete(c, nil, word)
	})
}

func (a *app) completeOperators(c *cobra.Command, flag string) {
	a.completeFlag(c, flag, operatorNames)
}

func (a *app) completeAccounts(c *cobra.Command, flag string) { a.completeFlag(c, flag, accountNames) }

// completeName completes a name that can be an argument or --name.
func (a *app) completeName(c *cobra.Command, list namer) {
	c.ValidArgsFunction = a.complete(list)
	a.completeFlag(c, "name", list)
}

func operatorNames(w *workspace, _ *cobra.Command, _ string) ([]string, error) {
	return w.root.Operators()
}

func accountNames(w *workspace, c *cobra.Command, word string) ([]string, error) {
	store, err := w.flaggedStore(c)
	if err != nil {
		return nil, err
	}
	return store.AccountNamesLike(word)
}

func userNames(w *workspace, c *cobra.Command, word string) ([]string, error) {
	store, name, err := w.flaggedAccount(c)
	if err != nil {
		return nil, err
	}
	return store.UserNamesLike(name, word)
}

// flaggedAccount is the account named on the command line, or else the current one.
func (w *workspace) flaggedAccount(c *cobra.Command) (*jwtstore.Store, string, error) {
	return w.accountIn(c, "account")
}

// accountIn is the account that a flag names, or else the current one.
func (w *workspace) accountIn(c *cobra.Command, flag string) (*jwtstore.Store, string, error) {
	store, err := w.flaggedStore(c)
	if err != nil {
		return nil, "", err
	}
	named := ""
	if f := c.Flags().Lookup(flag); f != nil {
		named = f.Value.String()
	}
	name, err := w.accountName(store, named)
	return store, name, err
}

// flaggedStore is the store of the operator named on the command line, or else
// of the current one.
func (w *workspace) flaggedStore(c *cobra.Command) (*jwtstore.Store, error) {
	operator := ""
	if f := c.Flags().Lookup("operator"); f != nil && f.Value.Type() == "string" {
		operator = f.Value.String()
	}
	return w.operatorStore(operator)
}

// keyNames offers the public keys in the keystore.
func keyNames(w *workspace, _ *cobra.Command, _ string) ([]string, error) {
	var keys []string
	for e, err := range w.ring.All() {
		if err != nil {
			return nil, err
		}
		keys = append(keys, e.Public)
	}
	return keys, nil
}
