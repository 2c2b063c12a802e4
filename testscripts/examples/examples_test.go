//go:build unix

// Package examples types what the help of every command gives as an example, and what
// the guides show in blocks of shell: each line into a shell of its own, in a store
// where it makes sense, which stages_test.go says. A line has to end with 0, or as the
// tables of this file say.
package examples

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"nkeep":       mainNkeep,
		"nats-server": mainServer,
		"nats":        mainNats,
		"jq":          mainJQ,
		"kubectl":     mainKubectl,
		"helm":        mainHelm,
		"docker":      mainDocker,
		"dot":         mainDot,
		"vault":       mainSeed,
		"pass":        mainSeed,
	})
}

// staying are the lines that run until somebody ends them, by how they begin.
func staying() map[string]stay {
	const interrupted = 130
	return map[string]stay{
		"nkeep up":                                 {ready: `running until Ctrl-C`},
		"nkeep up --check":                         {},
		"nkeep serve":                              {ready: `base URL`},
		"nkeep serve --listen":                     {ready: `msg=answering`},
		"nkeep events":                             {ready: `until Ctrl-C`},
		"nkeep serve --nats":                       {ready: `msg=answering`},
		"nats-server":                              {ready: `Server is ready`},
		"nkeep tool sub":                           {ready: `subscribed to`, code: interrupted},
		"nkeep events --kind auth_error --count":   {ready: `until Ctrl-C`, then: knock},
		"nkeep tool sub -a":                        {ready: `subscribed to`, code: interrupted},
		"nkeep tool sub -u":                        {ready: `subscribed to`, then: publish},
		"nkeep tool reply -a":                      {ready: `subscribed to`, code: interrupted},
		"nkeep tool reply -u":                      {ready: `subscribed to`, then: request},
		"nkeep generate server-dir ./server && cd": {ready: `Server is ready`},
	}
}

// otherwise are the lines that end with another code than 0, by how they begin, and why.
func otherwise() map[string]int {
	return map[string]int{
		"nkeep server list --expect n1,n2,n3": 5, // only n1 runs
		// these ask, and here is no terminal
		"nkeep add account -i":                2,
		"nkeep edit operator --tag prod -K -": 2,
		"nkeep push -R ORDERS":                2,
	}
}

// elsewhere says what stands for a part of a line that a test must not have as it
// is: ports that may be taken, and hosts that are not ours.
func elsewhere(w *world) *strings.Replacer {
	return strings.NewReplacer(
		"nats://localhost:4222", w.nats,
		"nats://127.0.0.1:4222", w.nats,
		"/run/secrets", filepath.Join(w.home, "secrets"),
		"/media/stick", filepath.Join(w.home, "stick"),
		"127.0.0.1:4222", w.free,
		"0.0.0.0:4222", w.free,
		"0.0.0.0:9090", "127.0.0.1:0",
		"https://accounts.example.com/jwt/v1", w.accounts,
		"https://example.com/jwt/v1", w.accounts,
	)
}

// TestExamples types every line of every example and guide.
func TestExamples(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs bash: some lines are pipes, of which every part has to succeed")
	}
	lines := exampleLines(t)
	maps.Copy(lines, guideLines(t))
	prepared := prepare(t)
	used := map[string]bool{}
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		place, where := longest(places(), line)
		bound, stays := longest(staying(), line)
		code, ends := longest(otherwise(), line)
		if ends != "" {
			bound.code = code
		}
		used["place "+where], used["staying "+stays], used["otherwise "+ends] = true, true, true
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			enter(t, prepared, place).typed(t, line, bound)
		})
	}
	for key := range places() {
		checkUsed(t, used, "place "+key)
	}
	for key := range staying() {
		checkUsed(t, used, "staying "+key)
	}
	for key := range otherwise() {
		checkUsed(t, used, "otherwise "+key)
	}
}

// checkUsed makes sure that the tables say nothing about lines that are not there.
func checkUsed(t *testing.T, used map[string]bool, key string) {
	t.Helper()
	if !used[key] {
		t.Errorf("%s: no line begins so", key)
	}
}

// exampleLines are the examples of all commands, each line once.
func exampleLines(t *testing.T) map[string]bool {
	t.Helper()
	lines := map[string]bool{}
	add := func(command, text string, block *regexp.Regexp) {
		found := block.FindStringSubmatch(text)
		if found == nil {
			t.Errorf("%s: has no example", command)
			return
		}
		for line := range strings.Lines(found[1]) {
			lines[strings.TrimSpace(line)] = true
		}
	}
	dir := t.TempDir()
	saidBy(t, "test", "doc", dir)
	pages, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("reference: %d pages, error %v", len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		add(filepath.Base(page), string(text), regexp.MustCompile("(?s)### Examples\n\n```\n(.*?)\n```"))
	}
	for _, hidden := range []string{"test", "test flags", "test whoflag", "test doc", "test nkey", "pub", "sub", "req", "reply", "rtt"} {
		help := saidBy(t, append(strings.Fields(hidden), "--help")...)
		add(hidden, help, regexp.MustCompile("(?s)\nExamples:\n(.*?)\n\n"))
	}
	return lines
}

// guideLines are the lines of shell in the README and the guides, each once.
func guideLines(t *testing.T) map[string]bool {
	t.Helper()
	guides, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("guides: %d, error %v", len(guides), err)
	}
	block := regexp.MustCompile("(?ms)^```sh\n(.*?)^```|^    (nkeep .*?)$")
	lines := map[string]bool{}
	for _, guide := range append(guides, "../../README.md") {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range block.FindAllStringSubmatch(string(text), -1) {
			shell := strings.ReplaceAll(found[1]+found[2], "\\\n", " ")
			for line := range strings.Lines(shell) {
				if line = strings.TrimSpace(line); line != "" {
					lines[line] = true
				}
			}
		}
	}
	return lines
}

// saidBy is what a command says that needs no store.
func saidBy(t *testing.T, args ...string) string {
	t.Helper()
	w := &world{home: t.TempDir()}
	return w.nkeep(t, args...)
}

// longest is what a table has under the longest key that a line begins with.
func longest[V any](table map[string]V, line string) (value V, key string) {
	for k, v := range table {
		if (k == "" || line == k || strings.HasPrefix(line, k+" ")) && len(k) >= len(key) {
			value, key = v, k
		}
	}
	return value, key
}

// patience is how long a line may take to be ready, or to end.
const patience = 30 * time.Second

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
