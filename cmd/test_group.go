package cmd

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nkeep/render"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// newTest holds what helps to look at the command line itself, hidden as in nsc.
func newTest(a *app) *cobra.Command {
	nkey := newGenerateNkey(a)
	nkey.Example = "  nkeep test nkey --account"
	c := newGroup("test", "Look at the command line itself", "  nkeep test flags", newTestFlags(a), newTestWhoflag(a), newTestDoc(a), nkey)
	c.Hidden = true
	return c
}

// flagUse is a flag of a command.
type flagUse struct {
	Command   string `json:"command"`
	Flag      string `json:"flag"`
	Shorthand string `json:"shorthand"`
	Type      string `json:"type"`
	Default   string `json:"default"`
	Usage     string `json:"usage"`
}

// flagsView lists flags: as CSV for people, too.
type flagsView struct {
	Flags []flagUse `json:"flags"`
}

// Text implements [render.View].
func (v flagsView) Text(t *render.Text) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"command", "flag", "shorthand", "type", "default", "usage"}) // a Builder takes everything
	for _, f := range v.Flags {
		_ = w.Write([]string{f.Command, f.Flag, f.Shorthand, f.Type, f.Default, f.Usage})
	}
	w.Flush()
	t.Verbatim(b.String())
}

// everyFlag lists the flags of a command and of those below it.
func everyFlag(c *cobra.Command) (all []flagUse) {
	add := func(f *pflag.Flag) {
		all = append(all, flagUse{c.CommandPath(), f.Name, f.Shorthand, f.Value.Type(), f.DefValue, f.Usage})
	}
	c.LocalFlags().VisitAll(add)
	for _, sub := range c.Commands() {
		all = append(all, everyFlag(sub)...)
	}
	return all
}

func newTestFlags(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "flags",
		Short:   "List every flag of every command, as CSV",
		Example: "  nkeep test flags",
		Args:    noArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			return a.out.Show(flagsView{everyFlag(wholeTree(a))})
		},
	}
}

func newTestWhoflag(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "whoflag FLAG",
		Short:   "List the commands that have a flag",
		Example: "  nkeep test whoflag account",
		Args:    oneArg("flag"),
		RunE: func(_ *cobra.Command, args []string) error {
			var v flagsView
			wanted := strings.TrimLeft(args[0], "-")
			for _, f := range everyFlag(wholeTree(a)) {
				if f.Flag == wanted || f.Shorthand == wanted {
					v.Flags = append(v.Flags, f)
				}
			}
			if len(v.Flags) == 0 {
				return missingf("flag %q: no command has it", args[0])
			}
			return a.out.Show(v)
		},
	}
}

func newTestDoc(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "doc DIR",
		Short:   "Write the command reference, a page for each command",
		Example: "  nkeep test doc reference",
		Args:    oneArg("directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.path(args[0])
			if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pages are for everybody
				return fmt.Errorf("directory %q: %w", dir, bare(err))
			}
			if err := writePages(wholeTree(a), dir); err != nil {
				return err
			}
			return a.out.Show(written{dir})
		},
	}
}

// writePages writes the page of a command, and of those below it that people see.
func writePages(c *cobra.Command, dir string) error {
	var page bytes.Buffer
	if err := doc.GenMarkdown(c, &page); err != nil {
		return fmt.Errorf("page of %q: %w", c.CommandPath(), err)
	}
	file := filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "_")+".md")
	if err := render.WriteFile(file, append(bytes.TrimSpace(page.Bytes()), '\n'), 0o644, true); err != nil {
		return err
	}
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writePages(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// wholeTree is every command: the tree of this run has those of one verb only.
func wholeTree(a *app) *cobra.Command { return newRoot(&app{env: a.env}) }
