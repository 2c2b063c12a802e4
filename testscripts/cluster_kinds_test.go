//go:build unix

package testscripts

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// TestClusterOfSeveralKinds goes to a server that keeps all accounts, one with a cache
// and one with a memory resolver. What the others have not loaded is no difference,
// what they have is compared, and none is waited for.
func TestClusterOfSeveralKinds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A")
	h.run("add", "user", "a")
	h.run("add", "account", "B")
	kinds := map[string]string{"n1": full, "n2": cache, "n3": memory}
	nodes := h.clusterOf(func(name string) string { return kinds[name] }, "n1", "n2", "n3")
	h.awaitCluster(nodes[0].url)
	p := h.startPush("-A", "-u", nodes[0].url)
	p.end(t) // the memory resolver takes what is in use, and nothing else

	d := h.diff(0, nodes[0])
	if d.Different || len(d.Silent) != 0 || d.Missing != 0 {
		t.Errorf("%+v", d)
	}
	for _, a := range d.Accounts {
		if idle := a.Name != "SYS"; a.Outcome != "same" || idle != slices.Equal(a.NotLoaded, []string{"n2", "n3"}) {
			t.Errorf("%+v", a)
		}
	}
	if got := d.kinds(); !slices.Equal(got, []string{"full", "cache", "memory_or_url"}) {
		t.Errorf("kinds %q", got)
	}
	h.ask(0, nodes[0], "pull", "-A", "--timeout", "60")

	// In use on the server with the cache, and edited: that has another in force.
	creds := filepath.Join(h.dir, ".nkeys", "creds", "O", "A", "a.creds")
	nc, err := nats.Connect(nodes[1].url, nats.UserCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	h.run("edit", "account", "A", "--conns", "7")
	d = h.diff(5, nodes[0])
	a := d.account("A")
	if a.Outcome != "differs" || len(a.Servers) != 1 || a.Servers[0].Server != "n2" || !slices.Equal(a.NotLoaded, []string{"n3"}) || len(a.Copies) != 1 {
		t.Errorf("%+v", a)
	}
	h.startPush("-a", "A", "-u", nodes[0].url).end(t)
	if d = h.diff(0, nodes[2]); d.account("A").Outcome != "same" {
		t.Errorf("%+v", d)
	}

	// Not stored, and in nobody's use.
	h.run("add", "account", "C")
	if a := h.diff(5, nodes[0]).account("C"); a.Outcome != "only_here" {
		t.Errorf("%+v", a)
	}
}

// TestClusterWithCaches pushes to servers of which some have a cache: that is taken
// everywhere when those that keep accounts have it.
func TestClusterWithCaches(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A")
	nodes := h.clusterOf(func(name string) string {
		if name == "n1" {
			return full
		}
		return cache
	}, "n1", "n2", "n3")
	h.awaitCluster(nodes[0].url)
	out := string(h.run("push", "-A", "-u", nodes[1].url))
	for _, want := range []string{"2 of 2 accounts on 3 servers", "on demand", "on_demand"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	if d := h.diff(0, nodes[2]); d.Different {
		t.Errorf("%+v", d)
	}

	// Where all have a cache, there is nowhere to fetch it from.
	only := newHome(t)
	only.run("add", "operator", "O", "--sys")
	only.run("add", "account", "A")
	nodes = only.clusterOf(func(string) string { return cache }, "n1", "n2")
	await(t, "the cluster", func() bool {
		return only.command("push", "--roll-call", "--expect", "n1,n2", "-u", nodes[0].url).Run() == nil
	})
	only.startPush("-A", "-u", nodes[0].url).end(t)
	if a := only.diff(0, nodes[0]).account("A"); a.Outcome != "unknown" {
		t.Errorf("%+v", a)
	}
}

// diffed is what diff prints with --json.
type diffed struct {
	Different bool
	Missing   int `json:"missing_servers"`
	Absent    []string
	Silent    []string `json:"silent_servers"`
	Servers   []struct{ Resolver string }
	Accounts  []diffedAccount
}

type diffedAccount struct {
	Name, Outcome, Message string
	NotLoaded              []string `json:"not_loaded"`
	Servers                []struct{ Server string }
	Copies                 []struct{ Count int }
}

func (d diffed) account(name string) diffedAccount {
	for _, a := range d.Accounts {
		if a.Name == name {
			return a
		}
	}
	return diffedAccount{}
}

func (d diffed) kinds() []string {
	var kinds []string
	for _, s := range d.Servers {
		kinds = append(kinds, s.Resolver)
	}
	return kinds
}

// diff compares by way of a node, and must end with an exit code. It would take
// longer than a test may if it waited for its time.
func (h *home) diff(code int, by *node) (d diffed) {
	h.Helper()
	c := h.command("diff", "--json", "-u", by.url, "--timeout", "60")
	out, _ := c.Output() // the exit code says it
	if got := c.ProcessState.ExitCode(); got != code {
		h.Errorf("diff: exit code %d", got)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		h.Fatal(err)
	}
	return d
}
