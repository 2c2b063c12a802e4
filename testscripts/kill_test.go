package testscripts

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const (
	killStores = 2  // that are worked on at once
	killRounds = 20 // of each
)

// TestKill ends processes with SIGKILL at random moments of their work, where
// package faults ends them ahead of each step that it knows of, and makes sure that each store is as its commands left it: nothing torn, nothing
// half done, nothing lost, and nothing lying about.
func TestKill(t *testing.T) {
	t.Parallel()
	for i := range killStores {
		t.Run(fmt.Sprintf("store %d", i), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.run("add", "operator", "O")
			began := time.Now()
			h.run("add", "account", "A")
			usual := time.Since(began)
			ended, mended := []int{}, 0
			for n := range killRounds {
				// Starting takes a good part of the time, and is of no interest.
				life, began := usual/3+rand.N(usual), time.Now()
				if h.runFor(life, command(n)...) {
					ended, usual = append(ended, n), time.Since(began)
					continue
				}
				usual += usual / 16 // whatever else the machine does, some shall end
				if h.interrupted() {
					mended++
				}
			}
			h.run("edit", "account", "A", "--tag", "last")
			h.check()
			h.checkDone(ended)
			if len(ended) == killRounds {
				t.Error("no command was killed: they end too soon")
			}
			t.Logf("of %d commands %d were killed, %d of them amid their writing", killRounds, killRounds-len(ended), mended)
		})
	}
}

// command is the n-th of the commands that are killed.
func command(n int) []string {
	switch n % 4 {
	case 0:
		return []string{"add", "user", fmt.Sprintf("u%d", n), "-a", "A"}
	case 1:
		return []string{"edit", "account", "A", "--tag", fmt.Sprintf("t%d", n)}
	case 2:
		return []string{"edit", "operator", "--sk", "generate", "--tag", fmt.Sprintf("t%d", n)}
	}
	return []string{"add", "account", fmt.Sprintf("a%d", n)}
}

// home is a home directory in which nkeep runs.
type home struct {
	*testing.T
	dir string
}

func newHome(t *testing.T) *home {
	t.Helper()
	return &home{t, t.TempDir()}
}

func (h *home) command(args ...string) *exec.Cmd {
	c := exec.Command("nkeep", args...)
	c.Dir = h.dir
	c.Env = append(os.Environ(), "HOME="+h.dir, "USERPROFILE="+h.dir, "WORK="+h.dir, "GORACE="+noRaceDelay,
		"XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "NSC_HOME=", "NKEYS_PATH=")
	return c
}

// run runs a command that must succeed, and returns what it prints.
func (h *home) run(args ...string) []byte {
	h.Helper()
	var stderr strings.Builder
	c := h.command(args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		h.Fatalf("nkeep %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// runFor runs a command for so long at most, and tells whether it came to its end.
func (h *home) runFor(life time.Duration, args ...string) bool {
	h.Helper()
	var stderr strings.Builder
	c := h.command(args...)
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		h.Fatal(err)
	}
	timer := time.AfterFunc(life, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	err := c.Wait()
	if err != nil && c.ProcessState.ExitCode() != -1 {
		h.Fatalf("nkeep %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return err == nil
}

// interrupted tells whether a killed command left files that are not to stay.
func (h *home) interrupted() bool { return len(h.leftovers()) > 0 }

// check verifies everything that the store lists.
func (h *home) check() {
	h.Helper()
	stores, ring := filepath.Join(h.dir, ".nsc", "nats"), filepath.Join(h.dir, ".nkeys")
	for _, file := range h.leftovers() {
		h.Errorf("%s: was left behind", file)
	}
	if loose := h.list("keys", "--not-referenced"); len(loose) > 0 {
		h.Errorf("%d keys are left of what was not done", len(loose))
	}
	operator := h.token(filepath.Join(stores, "O", "O.jwt"))
	issuers := map[string]bool{operator.Claims().Subject: true}
	if oc, ok := operator.(*jwt.OperatorClaims); ok {
		for _, k := range oc.SigningKeys {
			issuers[k] = true
			h.seed(ring, k)
		}
	}
	for _, a := range h.list("accounts") {
		dir := filepath.Join(stores, "O", "accounts", a.Name)
		ac := h.token(filepath.Join(dir, a.Name+".jwt")).Claims()
		if ac.Subject != a.PublicKey || !issuers[ac.Issuer] {
			h.Errorf("account %s: is %s, issued by %s", a.Name, ac.Subject, ac.Issuer)
		}
		h.seed(ring, ac.Subject)
		for _, u := range h.list("users", "-a", a.Name) {
			h.checkUser(filepath.Join(dir, "users", u.Name+".jwt"), filepath.Join(ring, "creds", "O", a.Name, u.Name+".creds"), ring, ac.Subject)
		}
	}
}

func (h *home) checkUser(file, creds, ring, account string) {
	h.Helper()
	uc := h.token(file).Claims()
	if uc.Issuer != account {
		h.Errorf("user %s: is issued by %s", uc.Name, uc.Issuer)
	}
	h.seed(ring, uc.Subject)
	data, err := os.ReadFile(creds)
	if err != nil {
		h.Errorf("user %s: %v", uc.Name, err)
		return
	}
	pair, err := nkeys.ParseDecoratedNKey(data)
	if err != nil {
		h.Fatalf("creds of %s: %v", uc.Name, err)
	}
	if public, err := pair.PublicKey(); err != nil || public != uc.Subject {
		h.Errorf("creds of %s: hold the key %s, %v", uc.Name, public, err)
	}
}

type listed struct {
	Name      string `json:"name"`
	PublicKey string `json:"public_key"`
}

func (h *home) list(what ...string) (items []listed) {
	h.Helper()
	if err := json.Unmarshal(h.run(append([]string{"list", "--json"}, what...)...), &items); err != nil {
		h.Fatal(err)
	}
	return items
}

// token reads and verifies a token.
func (h *home) token(file string) jwt.Claims {
	h.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		h.Fatal(err)
	}
	c, err := jwt.Decode(string(data))
	if err != nil {
		h.Fatalf("%s: %v", file, err)
	}
	return c
}

// seed makes sure that the seed of a public key is stored.
func (h *home) seed(ring, public string) {
	h.Helper()
	data, err := os.ReadFile(filepath.Join(ring, "keys", public[:1], public[1:3], public+".nk"))
	if err != nil {
		h.Errorf("seed of %s: %v", public, err)
		return
	}
	pair, err := nkeys.FromSeed(data)
	if err != nil {
		h.Fatalf("seed of %s: %v", public, err)
	}
	if got, err := pair.PublicKey(); err != nil || got != public {
		h.Errorf("seed of %s: is that of %s, %v", public, got, err)
	}
}

// checkDone makes sure that what commands did before they ended is still there.
func (h *home) checkDone(ended []int) {
	h.Helper()
	account := string(h.run("describe", "account", "A", "-F", "nats.tags"))
	operator := string(h.run("describe", "operator", "-F", "nats.tags"))
	for _, n := range ended {
		switch tag := fmt.Sprintf("%q", fmt.Sprintf("t%d", n)); n % 4 {
		case 0:
			h.run("describe", "user", fmt.Sprintf("u%d", n), "-a", "A", "-F", "name")
		case 1:
			h.checkTag(account, tag)
		case 2:
			h.checkTag(operator, tag)
		default:
			h.run("describe", "account", fmt.Sprintf("a%d", n), "-F", "name")
		}
	}
}

func (h *home) checkTag(tags, tag string) {
	h.Helper()
	if !strings.Contains(tags, tag) {
		h.Errorf("the tag %s is lost: %s", tag, tags)
	}
}

// leftovers lists the files that are neither tokens, keys, creds nor settings.
func (h *home) leftovers() (files []string) {
	h.Helper()
	err := filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		switch name := e.Name(); {
		case name == ".nsc", name == ".gitignore", name == "lock", name == "nsc.json":
		case !strings.HasPrefix(name, ".") && slices.Contains([]string{".jwt", ".nk", ".creds"}, filepath.Ext(name)):
		default:
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return files
}
