package cmd

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// TestScripts checks that every question can be put: its command is there, and
// takes the answer.
func TestScripts(t *testing.T) {
	t.Parallel()
	for path, s := range scripts() {
		c := find(t, path)
		if c.HasSubCommands() {
			t.Errorf("%s: is no command that asks", path)
		}
		d := &dialogue{c: c, script: s}
		if len(d.questions()) == 0 {
			t.Errorf("%s: asks nothing", path)
		}
		names := map[string]bool{}
		for _, q := range d.questions() {
			checkQuestion(t, c, q)
			if names[q.name()] {
				t.Errorf("%s: asks twice for %s", path, q.name())
			}
			names[q.name()] = true
		}
		for _, topic := range s.topics {
			if topic.name == "" || len(topic.questions) == 0 {
				t.Errorf("%s: topic %q has %d questions", path, topic.name, len(topic.questions))
			}
		}
	}
}

func checkQuestion(t *testing.T, c *cobra.Command, q question) {
	t.Helper()
	flags := slices.Concat(q.pick, q.unless)
	if q.flag != "" {
		flags = append(flags, q.flag)
	}
	for _, name := range flags {
		if c.Flags().Lookup(name) == nil {
			t.Errorf("%s: question %q is about --%s, which is not there", c.CommandPath(), q.text, name)
		}
	}
	if q.text == "" {
		t.Errorf("%s: the question for %s has no text", c.CommandPath(), q.name())
	}
	if q.flag == "" && len(q.pick) == 0 && !strings.ContainsAny(c.Use, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t.Errorf("%s: question %q is about an argument, which it does not take", c.CommandPath(), q.text)
	}
	if f := c.Flags().Lookup(q.flag); q.yesNo && (f == nil || f.NoOptDefVal != "true") {
		t.Errorf("%s: question %q is answered by yes or no, which --%s does not take", c.CommandPath(), q.text, q.flag)
	}
}

// TestPickedFlags checks that one which takes a value is asked for when it is picked.
func TestPickedFlags(t *testing.T) {
	t.Parallel()
	for path, s := range scripts() {
		c := find(t, path)
		for _, q := range s.first {
			for _, name := range q.pick {
				follows := slices.ContainsFunc(s.first, func(q question) bool { return q.flag == name && q.when != nil })
				if c.Flags().Lookup(name).Value.Type() != "bool" && !follows {
					t.Errorf("%s: the value of --%s is not asked for", path, name)
				}
			}
		}
	}
}

// withoutQuestions are the commands that need something on their command line
// which is no matter of a dialogue, and why.
func withoutQuestions() map[string]string {
	return map[string]string{
		"completion": "what it prints is read by a shell",
	}
}

// TestScriptsAreComplete runs every command with nothing on its command line. One
// that misses something has to ask for it.
func TestScriptsAreComplete(t *testing.T) {
	t.Parallel()
	left := withoutQuestions()
	for _, c := range commands(tree()) {
		path := commandName(c)
		if c.HasSubCommands() {
			continue
		}
		missing := misses(t, path)
		s := scripts()[path]
		d := &dialogue{c: find(t, path), script: s}
		asks := slices.ContainsFunc(d.questions(), func(q question) bool { return q.required }) || len(s.topics) > 0
		switch _, ok := left[path]; {
		case missing && !asks && !ok:
			t.Errorf("%s: needs something on its command line, and does not ask for it", path)
		case ok && asks:
			t.Errorf("%s: asks, though it is said not to", path)
		}
		delete(left, path)
	}
	for _, path := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s: is no command", path)
	}
}

// misses reports whether a command line needs more than the names of the command.
func misses(t *testing.T, path string) bool {
	t.Helper()
	home := t.TempDir()
	run := func(args ...string) int {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return Run(ctx, Env{
			Name: "nkeep", Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Dir: home, Now: time.Now,
			Rand: rand.Reader, LookupEnv: func(name string) (string, bool) { return home, name == "HOME" },
		}, args)
	}
	if path == "up" || strings.HasPrefix(path, "serve") { // they go on until they are told to stop
		return false
	}
	return run(strings.Fields(path)...) == exitUsage
}
