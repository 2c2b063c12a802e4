package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestNoSeedIsShown puts a seed into every flag, every argument and every
// variable, and after every command, and makes sure that it comes back nowhere:
// in no output, no name of a file, and no token.
func TestNoSeedIsShown(t *testing.T) {
	t.Parallel()
	kinds := []nkeys.PrefixByte{
		nkeys.PrefixByteOperator, nkeys.PrefixByteAccount, nkeys.PrefixByteUser,
		nkeys.PrefixByteCurve, nkeys.PrefixByteCluster, nkeys.PrefixByteServer,
	}
	n := 0
	for _, c := range commands(tree()) {
		path := strings.Fields(c.CommandPath())[1:]
		lines := linesWithSeed(c)
		n++
		t.Run(c.CommandPath(), func(t *testing.T) {
			t.Parallel()
			h := newSecretHome(t)
			for i, line := range lines {
				seed := newSeed(t, kinds[(n+i)%len(kinds)])
				forms := []string{seed, strings.ToLower(seed), "x." + seed + ".y", "new" + seed}
				h.runWith(seed, append(slices.Clone(path), replaceAll(line, forms[i%len(forms)])...), nil)
			}
			h.checkFiles()
		})
	}
}

// TestNoSeedOfAVariableIsShown is TestNoSeedIsShown for the environment.
func TestNoSeedOfAVariableIsShown(t *testing.T) {
	t.Parallel()
	for _, name := range append(variables(), "NSC_X_OPERATOR") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newSecretHome(t)
			seed := newSeed(t, nkeys.PrefixByteOperator)
			for _, value := range []string{seed, "/tmp/" + seed, strings.ToLower(seed)} {
				for _, line := range []string{"env", "env --json", "add operator N", "list keys", "add operator -u x", "push -u nats://127.0.0.1:1"} {
					h.runWith(seed, strings.Fields(line), map[string]string{name: value})
				}
			}
			h.checkFiles()
		})
	}
}

// TestKeysAreTakenAsSeeds makes sure that seeds are refused only where none belongs.
func TestKeysAreTakenAsSeeds(t *testing.T) {
	t.Parallel()
	h := newSecretHome(t)
	operator, account := newSeed(t, nkeys.PrefixByteOperator), newSeed(t, nkeys.PrefixByteAccount)
	for _, args := range [][]string{
		{"add", "operator", "N", "-K", operator},
		{"add", "account", "M", "-k", account, "-K", operator},
		{"edit", "account", "M", "--sk", newSeed(t, nkeys.PrefixByteAccount)},
	} {
		if code := h.runWith(operator, args, nil); code != exitOK {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

// linesWithSeed are command lines of a command with SEED in one place each.
func linesWithSeed(c *cobra.Command) [][]string {
	lines := [][]string{{"SEED"}, {"A", "SEED"}, {"SEED", "--json"}, {"SEED", "--help"}, {"--SEED"}, {"--no-such=SEED"}, {"-SEED"}, {"-zSEED"}}
	add := func(f *pflag.Flag) {
		switch f.Name {
		case "help", "version":
			return
		case "private-key":
			if c.Name() == "up" { // is not refused, and would run a server
				return
			}
		}
		lines = append(lines, []string{"--" + f.Name + "=SEED"}, []string{"A", "--" + f.Name, "SEED", "--json"}, []string{"--" + f.Name + "=a,SEED"})
	}
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return lines
}

func replaceAll(line []string, seed string) (args []string) {
	for _, arg := range line {
		args = append(args, strings.ReplaceAll(arg, "SEED", seed))
	}
	return args
}

func newSeed(t *testing.T, kind nkeys.PrefixByte) string {
	t.Helper()
	pair, err := nkeys.CreatePair(kind)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return string(seed)
}

// secretHome is a home directory in which seeds are put to wrong places.
type secretHome struct {
	*testing.T
	dir   string
	seeds []string
}

func newSecretHome(t *testing.T) *secretHome {
	t.Helper()
	h := &secretHome{T: t, dir: t.TempDir()}
	for _, line := range []string{"add operator O --sys", "add account A", "add user A"} {
		if code := h.run(strings.Fields(line), nil, &bytes.Buffer{}, &bytes.Buffer{}); code != exitOK {
			t.Fatalf("%s: exit code %d", line, code)
		}
	}
	return h
}

func (h *secretHome) run(args []string, variables map[string]string, stdout, stderr *bytes.Buffer) int {
	// Whatever talks to somebody is not to wait for them.
	ctx, cancel := context.WithTimeout(h.Context(), 10*time.Second)
	defer cancel()
	return Run(ctx, Env{
		Name: "nkeep", Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Dir: h.dir, Now: time.Now, Rand: rand.Reader,
		LookupEnv: func(name string) (string, bool) {
			if name == "HOME" {
				return h.dir, true
			}
			value, ok := variables[name]
			return value, ok
		},
	}, args)
}

// runWith runs a command line that has a seed in it.
func (h *secretHome) runWith(seed string, args []string, variables map[string]string) int {
	h.Helper()
	h.seeds = append(h.seeds, seed)
	var stdout, stderr bytes.Buffer
	code := h.run(args, variables, &stdout, &stderr)
	for what, out := range map[string]string{"stdout": stdout.String(), "stderr": stderr.String()} {
		if shows(out, seed) {
			h.Errorf("%v, exit code %d: %s shows the seed: %s", args, code, what, out)
		}
	}
	return code
}

// shows reports whether a text has so much of a seed in it that the rest can be guessed.
func shows(text, seed string) bool {
	text, seed = strings.ToUpper(text), strings.ToUpper(seed)
	const much = 30
	for i := 0; i+much <= len(seed); i++ {
		if strings.Contains(text, seed[i:i+much]) {
			return true
		}
	}
	return false
}

// checkFiles looks for the seeds in the home directory, but for files that are there to hold them.
func (h *secretHome) checkFiles() {
	h.Helper()
	err := filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var held []byte
		if ext := filepath.Ext(path); !e.IsDir() && ext != ".nk" && ext != ".creds" {
			if held, err = os.ReadFile(path); err != nil {
				return err
			}
			if parts := strings.Split(string(held), "."); ext == ".jwt" && len(parts) == 3 {
				if held, err = base64.RawURLEncoding.DecodeString(parts[1]); err != nil {
					return err
				}
			}
		}
		for _, seed := range h.seeds {
			if shows(e.Name(), seed) || shows(string(held), seed) {
				return errors.New("a seed is in " + path)
			}
		}
		return nil
	})
	if err != nil {
		h.Error(err)
	}
}
