//go:build unix

package testscripts

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
	p.end(t, 5)

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

// node is a server of a cluster.
type node struct {
	name, dir, address, url string
	cmd                     *exec.Cmd
}

// cluster starts servers that have nothing but the system account.
func (h *home) cluster(names ...string) []*node {
	h.Helper()
	h.run("generate", "config", "--nats-resolver", "--config-file", filepath.Join(h.dir, "common.conf"))
	common, err := os.ReadFile(filepath.Join(h.dir, "common.conf"))
	if err != nil {
		h.Fatal(err)
	}
	addresses := freeAddresses(h.T, 2*len(names))
	var nodes []*node
	for i, name := range names {
		n := &node{name: name, dir: h.TempDir(), address: addresses[i], url: "nats://" + addresses[i]}
		conf := fmt.Sprintf("%s\nserver_name: %s\nlisten: %q\ncluster: { name: C, listen: %q, routes: [%s] }\n",
			common, name, n.address, addresses[len(names)+i], routes(addresses[len(names):]))
		conf = strings.ReplaceAll(conf, `"2m"`, `"1h"`) // they do not help each other
		if err := os.WriteFile(filepath.Join(n.dir, "server.conf"), []byte(conf), 0o600); err != nil {
			h.Fatal(err)
		}
		n.start(h.T)
		h.Cleanup(n.kill)
		nodes = append(nodes, n)
	}
	return nodes
}

func routes(addresses []string) string {
	var list []string
	for _, a := range addresses {
		list = append(list, strconv.Quote("nats://"+a))
	}
	return strings.Join(list, ", ")
}

func freeAddresses(t *testing.T, count int) []string {
	t.Helper()
	var list []string
	for range count {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		list = append(list, l.Addr().String())
	}
	return list
}

// start starts a node and waits until it takes connections.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.cmd = exec.Command("nats-server", "-c", "server.conf")
	n.cmd.Dir = n.dir
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, n.name+" to listen", func() bool {
		c, err := net.Dial("tcp", n.address)
		if err != nil {
			return false
		}
		_ = c.Close()
		return true
	})
}

func (n *node) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// stop ends a node as an administrator does: others are told.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGTERM)
	_ = n.cmd.Wait()
}

func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

// has tells whether the token of an account lies on the disk of a node.
func (n *node) has(public, token string) bool {
	data, err := os.ReadFile(filepath.Join(n.dir, "jwt", public+".jwt"))
	return err == nil && string(data) == token
}

// pushLine is a line that a push prints with --json.
type pushLine struct {
	Event, Account, Server, Outcome string
	Missing                         int `json:"missing_servers"`
	Absent                          []string
	Refused                         int
	Meaning                         string
}

// runningPush is a push under way, and what it has said so far.
type runningPush struct {
	cmd    *exec.Cmd
	stderr strings.Builder
	read   sync.WaitGroup

	mu   sync.Mutex
	said map[[2]string]string // outcomes, by account and server
	last pushLine
}

func (h *home) startPush(args ...string) *runningPush {
	h.Helper()
	p := &runningPush{cmd: h.command(append([]string{"push", "--json"}, args...)...), said: map[[2]string]string{}}
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		h.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.read.Go(func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			var l pushLine
			if err := json.Unmarshal(in.Bytes(), &l); err != nil {
				h.Errorf("not JSON: %s", in.Text())
			}
			p.hear(h.T, l)
		}
	})
	return p
}

func (p *runningPush) hear(t *testing.T, l pushLine) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = l
	if l.Event != "result" {
		return
	}
	at := [2]string{l.Account, l.Server}
	if before := p.said[at]; before != "" {
		t.Errorf("account %s on %s: told twice, as %s and %s", l.Account, l.Server, before, l.Outcome)
	}
	p.said[at] = l.Outcome
}

func (p *runningPush) outcome(account, server string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[[2]string{account, server}]
}

func (p *runningPush) count(server, outcome string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, said := range p.said {
		if at[1] == server && said == outcome {
			n++
		}
	}
	return n
}

func (p *runningPush) summary() pushLine {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// end waits until a push ends with an exit code.
func (p *runningPush) end(t *testing.T, code int) {
	t.Helper()
	p.read.Wait()
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != code {
		t.Errorf("push: %v, not exit code %d: %s", err, code, &p.stderr)
	}
	t.Log(p.stderr.String())
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !poll(holds) {
		t.Fatalf("waited in vain for %s", what)
	}
}
