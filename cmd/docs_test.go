package cmd

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/reference") //nolint:gochecknoglobals // a test flag

// referenceDir holds the command reference, a page for each command.
const referenceDir = "../docs/reference"

// tree is the command tree of a run in an environment without variables.
func tree() *cobra.Command { return treeCalled("nkeep") }

// treeCalled is the tree of a program of that name.
func treeCalled(name string) *cobra.Command {
	root := newRoot(&app{env: Env{
		Name:  name,
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		LookupEnv: func(string) (string, bool) { return "", false },
		Now:       func() time.Time { return time.Unix(0, 0) },
	}})
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	return root
}

// commands are the root and all that people can call below it.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, commands(sub)...)
		}
	}
	return all
}

// TestReference compares docs/reference with the command tree; with -update it
// rewrites it.
func TestReference(t *testing.T) {
	t.Parallel()
	pages := map[string][]byte{}
	for _, c := range commands(tree()) {
		var page bytes.Buffer
		c.InitDefaultVersionFlag()
		if err := doc.GenMarkdown(c, &page); err != nil {
			t.Fatal(err)
		}
		pages[strings.ReplaceAll(c.CommandPath(), " ", "_")+".md"] = append(bytes.TrimSpace(page.Bytes()), '\n')
	}
	if *update {
		writeReference(t, pages)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(referenceDir, name))
		got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")) // as Git may have checked it out
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its command says: go test ./cmd -run TestReference -update", name)
		}
	}
	for _, name := range superfluous(t, pages) {
		t.Errorf("%s belongs to no command: go test ./cmd -run TestReference -update", name)
	}
}

func writeReference(t *testing.T, pages map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(referenceDir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range superfluous(t, pages) {
		if err := os.Remove(filepath.Join(referenceDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(referenceDir, name), page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// superfluous are the files of the reference that no command has asked for.
func superfluous(t *testing.T, pages map[string][]byte) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(referenceDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := pages[e.Name()]; !ok {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestHelp checks what every command says of itself.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range commands(tree()) {
		t.Run(c.CommandPath(), func(t *testing.T) { // one by one: to look at a command's flags changes them
			if c.Short == "" || strings.HasSuffix(c.Short, ".") {
				t.Errorf("Short is %q: one line without a full stop is wanted", c.Short)
			}
			checkFlags(t, c)
			for line := range strings.SplitSeq(strings.TrimSpace(c.Example), "\n") {
				calls := called(line)
				if len(calls) == 0 {
					t.Errorf("example %q calls nothing", line)
				}
				for _, args := range calls {
					checkCall(t, args)
				}
			}
		})
	}
}

// TestHelpOfNsc checks that what the program says of its commands can be typed where
// it is called nsc.
func TestHelpOfNsc(t *testing.T) {
	t.Parallel()
	for _, c := range commands(treeCalled("nsc")) {
		texts := []string{c.Example, c.Long}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { texts = append(texts, f.Usage) })
		for _, text := range texts {
			if strings.Contains(text, "nkeep ") {
				t.Errorf("%s: names a command of nkeep: %q", c.CommandPath(), text)
			}
		}
	}
}

// checkFlags checks that every flag is explained, and that none hides another.
func checkFlags(t *testing.T, c *cobra.Command) {
	t.Helper()
	names, shorthands := map[string]*pflag.Flag{}, map[string]*pflag.Flag{}
	check := func(f *pflag.Flag) {
		if f.Usage == "" {
			t.Errorf("--%s: has no usage", f.Name)
		}
		if other, ok := names[f.Name]; ok && other != f {
			t.Errorf("--%s: hides the flag of the same name above it", f.Name)
		}
		if other, ok := shorthands[f.Shorthand]; ok && f.Shorthand != "" && other != f {
			t.Errorf("-%s: is both --%s and --%s", f.Shorthand, other.Name, f.Name)
		}
		names[f.Name], shorthands[f.Shorthand] = f, f
	}
	c.LocalFlags().VisitAll(check)
	for p := c.Parent(); p != nil; p = p.Parent() {
		p.PersistentFlags().VisitAll(check)
	}
}

// TestGuides checks that what the guides call exists, in blocks of shell and on
// indented lines that begin with nkeep.
func TestGuides(t *testing.T) {
	t.Parallel()
	guides, err := filepath.Glob("../docs/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("guides: %v, error %v", guides, err)
	}
	others, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, guide := range append(guides, others...) {
		t.Run(filepath.Base(guide), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(guide)
			if err != nil {
				t.Fatal(err)
			}
			for _, args := range called(shellIn(string(text))) {
				checkCall(t, args)
			}
		})
	}
}

// shellIn is the shell in a guide.
func shellIn(text string) string {
	var shell strings.Builder
	inBlock := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			inBlock = strings.TrimSpace(line) == "```sh"
		case inBlock || strings.HasPrefix(line, "    nkeep "):
			shell.WriteString(line)
		}
	}
	return shell.String()
}

// checkCall checks that a command line would be understood.
func checkCall(t *testing.T, args []string) {
	t.Helper()
	line := "nkeep " + strings.Join(args, " ")
	c, rest, err := tree().Find(args)
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if c.HasSubCommands() && c.Flags().NArg() > 0 {
		t.Errorf("%s: no such command", line)
	}
	for _, err := range []error{c.ValidateArgs(c.Flags().Args()), c.ValidateRequiredFlags(), c.ValidateFlagGroups()} {
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// called are the calls of nkeep in a piece of shell, as their arguments.
func called(shell string) (calls [][]string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(shell, "\\\n", " "), "\n") {
		for _, words := range shellCommands(line) {
			if words[0] == "nkeep" {
				calls = append(calls, words[1:])
			}
		}
	}
	return calls
}

// shellCommands splits a line as a shell would, as far as the guides need it:
// into commands at pipes and the like, and these into words, minding quotes and
// comments.
func shellCommands(line string) (commands [][]string) {
	var (
		words  []string
		word   strings.Builder
		quote  rune
		quoted bool // the word has quotes, and may be empty
	)
	endWord := func() {
		if word.Len() > 0 || quoted {
			words = append(words, word.String())
		}
		word.Reset()
		quoted = false
	}
	endCommand := func() {
		endWord()
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words = nil
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, quoted = r, true
		case r == '#' && word.Len() == 0:
			endCommand()
			return commands
		case r == ' ' || r == '\t':
			endWord()
		case strings.ContainsRune("|;()&<>", r):
			endCommand()
		default:
			word.WriteRune(r)
		}
	}
	endCommand()
	return commands
}
