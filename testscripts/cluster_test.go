//go:build unix

package testscripts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// clustered is how many accounts are pushed to a cluster whose nodes have troubles.
const clustered = 200

// TestPushToTroubledCluster pushes to three servers of which one was stopped before,
// one freezes amid the push and one, to which the push is connected, is restarted.
// What is reported is what lies on the disks of the servers. Another push repairs it,
// and a pull into an empty store brings the same.
func TestPushToTroubledCluster(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.addAccounts(clustered)
	stored := h.accountTokens()
	system := h.token(filepath.Join(h.dir, ".nsc", "nats", "O", "accounts", "SYS", "SYS.jwt")).Claims().Subject
	nodes := h.cluster("n1", "n2", "n3")
	stopped, frozen, restarted := nodes[0], nodes[1], nodes[2]
	h.awaitCluster(restarted.url)
	stopped.stop(t)

	gate := newGate(t, restarted.address, clustered/2)
	p := h.startPush("-A", "--expect", "n1,n2,n3", "-u", gate.url)
	<-gate.reached
	await(t, "what went through to arrive", func() bool {
		return p.count("n2", "stored") == clustered/2 && p.count("n3", "stored") == clustered/2
	})
	frozen.signal(t, syscall.SIGSTOP)
	restarted.stop(t)
	restarted.start(t)
	close(gate.open)
	p.end(t)

	for _, n := range nodes {
		for public, token := range stored {
			outcome, has := p.outcome(public, n.name), n.has(public, token)
			if has != (outcome == "stored") && public != system { // which each has from its configuration
				t.Errorf("account %s on %s: is reported as %q, and it is %v that the server has it", public, n.name, outcome, has)
			}
		}
	}
	all := len(stored)
	if p.count("n2", "stored") != clustered/2 || p.count("n2", "silent") != all-clustered/2 || p.count("n3", "stored") != all {
		t.Errorf("n2: %d stored, %d silent; n3: %d stored", p.count("n2", "stored"), p.count("n2", "silent"), p.count("n3", "stored"))
	}
	if s := p.summary(); len(s.Absent) != 1 || s.Absent[0] != "n1" || s.Missing != 1 || s.Refused != all-clustered/2 || s.Meaning != "not taken everywhere" {
		t.Errorf("summary: %+v", s)
	}

	frozen.signal(t, syscall.SIGCONT)
	stopped.start(t)
	h.awaitCluster(stopped.url)
	h.run("push", "-A", "--changed", "--expect", "n1,n2,n3", "-u", stopped.url)
	for _, n := range nodes {
		for public, token := range stored {
			if !n.has(public, token) {
				t.Errorf("account %s: is not on %s after another push", public, n.name)
			}
		}
	}
	h.pullsTheSame(stored, frozen.url)
}

// awaitCluster waits until all three are there.
func (h *home) awaitCluster(url string) {
	h.Helper()
	await(h.T, "the cluster", func() bool {
		c := h.command("push", "--roll-call", "--expect", "n1,n2,n3", "-u", url)
		return c.Run() == nil
	})
}

// pullsTheSame pulls into a home that has the keys and the operator, and no account.
func (h *home) pullsTheSame(stored map[string]string, url string) {
	h.Helper()
	empty := newHome(h.T)
	for _, dir := range []string{filepath.Join(".nsc", "nats"), ".nkeys"} { // the settings would lead back here
		if err := os.CopyFS(filepath.Join(empty.dir, dir), os.DirFS(filepath.Join(h.dir, dir))); err != nil {
			h.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(empty.dir, ".nsc", "nats", "O", "accounts")); err != nil {
		h.Fatal(err)
	}
	empty.run("pull", "-A", "--expect", "n1,n2,n3", "-u", url, "--creds", filepath.Join(empty.dir, ".nkeys", "creds", "O", "SYS", "sys.creds"))
	got := empty.accountTokens()
	if len(got) != len(stored) {
		h.Fatalf("%d accounts were pulled, not %d", len(got), len(stored))
	}
	for public, token := range stored {
		if got[public] != token {
			h.Errorf("account %s: was pulled as %q", public, got[public])
		}
	}
}

func (h *home) addAccounts(count int) {
	h.Helper()
	var names strings.Builder
	for i := range count - 1 { // the system account is one, too
		fmt.Fprintf(&names, "A%d\n", i)
	}
	file := filepath.Join(h.dir, "names")
	if err := os.WriteFile(file, []byte(names.String()), 0o600); err != nil {
		h.Fatal(err)
	}
	h.run("add", "account", "--from", file)
}

// accountTokens are the tokens of all accounts in the store, by public key.
func (h *home) accountTokens() map[string]string {
	h.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, ".nsc", "nats", "O", "accounts", "*", "*.jwt"))
	if err != nil {
		h.Fatal(err)
	}
	tokens := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			h.Fatal(err)
		}
		tokens[h.token(file).Claims().Subject] = string(data)
	}
	return tokens
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !poll(holds) {
		t.Fatalf("waited in vain for %s", what)
	}
}
