//go:build unix

package testscripts

import (
	"encoding/json"
	"slices"
	"syscall"
	"testing"
)

// TestServersOfACluster asks three servers about themselves, of which one freezes
// and then is stopped: nothing waits for a time while all are there, and who is
// missing is named.
func TestServersOfACluster(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A")
	nodes := h.cluster("n1", "n2", "n3")
	h.awaitCluster(nodes[0].url)
	h.run("push", "-A", "-u", nodes[0].url)
	questions := [][]string{
		{"server", "list"},
		{"server", "ping"},
		{"server", "stats"},
		{"server", "accounts"},
		{"server", "connections"},
		{"server", "account", "A"},
	}
	for _, q := range questions {
		// It would take longer than the test may, did it wait for its time.
		a := h.ask(0, nodes[0], append(q, "--timeout", "60")...)
		if a.Missing != 0 || len(a.Absent) != 0 {
			t.Errorf("%v: %d missing, %q", q, a.Missing, a.Absent)
		}
		if got := a.names(); a.Servers != nil && !slices.Equal(got, []string{"n1", "n2", "n3"}) {
			t.Errorf("%v: servers %q", q, got)
		}
	}
	if a := h.ask(0, nodes[1], "server", "list"); len(a.Servers) != 3 {
		t.Errorf("by another server: %q", a.names())
	}

	nodes[2].signal(t, syscall.SIGSTOP)
	for _, q := range questions {
		a := h.ask(5, nodes[0], append(q, "--timeout", "1")...)
		if a.Missing != 1 || !slices.Equal(a.Absent, []string{"n3"}) {
			t.Errorf("%v: %d missing, %q", q, a.Missing, a.Absent)
		}
	}
	nodes[2].signal(t, syscall.SIGCONT)
	await(t, "the frozen server", func() bool {
		return h.command("server", "list", "-u", nodes[0].url, "--expect", "n1,n2,n3").Run() == nil
	})

	nodes[2].stop(t) // the others are told, and count it no more
	if a := h.ask(0, nodes[0], "server", "list"); !slices.Equal(a.names(), []string{"n1", "n2"}) {
		t.Errorf("servers %q", a.names())
	}
	if a := h.ask(5, nodes[0], "server", "list", "--expect", "3"); a.Missing != 1 || len(a.Servers) != 2 {
		t.Errorf("%+v", a)
	}
}

// answers are what commands that ask servers print with --json.
type answers struct {
	Missing int      `json:"missing_servers"`
	Absent  []string `json:"absent"`
	Servers []struct {
		Name   string `json:"name"`
		Server struct {
			Name string `json:"name"`
		} `json:"server"`
	} `json:"servers"`
}

func (a answers) names() []string {
	var names []string
	for _, s := range a.Servers {
		names = append(names, s.Name+s.Server.Name)
	}
	return names
}

// ask runs a command that asks servers, and must end with an exit code.
func (h *home) ask(code int, by *node, args ...string) (a answers) {
	h.Helper()
	c := h.command(append(args, "--json", "-u", by.url)...)
	out, _ := c.Output() // the exit code says it
	if got := c.ProcessState.ExitCode(); got != code {
		h.Errorf("%v: exit code %d", args, got)
	}
	if err := json.Unmarshal(out, &a); err != nil {
		h.Fatalf("%v: %v", args, err)
	}
	return a
}
