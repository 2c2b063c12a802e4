//go:build unix

package resolver

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nkeep/internal/testkeys"
	"nkeep/internal/testports"

	"github.com/nats-io/nats-server/v2/server"
)

// nodeVariable makes a process of the tests a server: it names its configuration.
const nodeVariable = "NKEEP_TEST_NODE"

func TestMain(m *testing.M) {
	if conf := os.Getenv(nodeVariable); conf != "" {
		os.Exit(serve(conf))
	}
	waiting := strconv.Itoa(2 * runtime.GOMAXPROCS(0)) // most tests wait for silence, and leave processors idle
	if err := flag.Set("test.parallel", waiting); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// serve is a server until its standard input ends: with the tests, at the latest.
func serve(conf string) int {
	signal.Ignore(os.Interrupt)
	o, err := server.ProcessConfigFile(conf)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	o.NoSigs, o.NoLog = true, true
	s, err := server.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.Start()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		told <- syscall.SIGTERM
	}()
	<-told
	s.Shutdown() // tells the others
	return 0
}

// node is a server in a process of its own, which can be frozen and killed.
type node struct {
	name, conf, dir, url string
	cmd                  *exec.Cmd
}

// nodes starts a cluster of processes.
func (r *realm) nodes(t *testing.T, count int) []*node {
	t.Helper()
	addresses := testports.Free(t, 2*count)
	between, clients := addresses[:count], addresses[count:]
	var routes []string
	for _, a := range between {
		routes = append(routes, fmt.Sprintf(`"nats://%s"`, a))
	}
	operator := testkeys.Encode(t, r.claims, r.operator)
	var list []*node
	for i := range count {
		n := &node{name: fmt.Sprintf("n%d", i+1), dir: t.TempDir(), url: "nats://" + clients[i]}
		n.conf = filepath.Join(t.TempDir(), "server.conf")
		check(t, os.WriteFile(n.conf, fmt.Appendf(nil, `
server_name: %s
listen: %q
operator: %s
system_account: %s
resolver: { type: full, dir: %q, interval: "1h" }
resolver_preload: { %s: %s }
cluster: { name: C, listen: %q, routes: [%s] }
`, n.name, clients[i], operator, r.sysID, n.dir, r.sysID, r.sysToken, between[i], strings.Join(routes, ", ")), 0o600))
		n.start(t)
		t.Cleanup(n.kill)
		list = append(list, n)
	}
	return list
}

func (n *node) start(t *testing.T) {
	t.Helper()
	n.cmd = exec.Command(os.Args[0])
	n.cmd.Env = append(os.Environ(), nodeVariable+"="+n.conf)
	n.cmd.Stderr = os.Stderr
	_, err := n.cmd.StdinPipe()
	check(t, err)
	check(t, n.cmd.Start())
}

func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

// stop ends a node as an administrator does; others know at once.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGTERM)
	_ = n.cmd.Wait()
}

func (n *node) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	check(t, n.cmd.Process.Signal(s))
}

// has is how many of the accounts a node stores as they are.
func (n *node) has(accounts []Account) int {
	count := 0
	for _, a := range accounts {
		if data, err := os.ReadFile(filepath.Join(n.dir, a.ID+".jwt")); err == nil && string(data) == a.Token {
			count++
		}
	}
	return count
}

// reach connects to nodes, and waits until a number of them is there.
func (r *realm) reach(t *testing.T, count int, nodes ...*node) *Conn {
	t.Helper()
	var urls []string
	for _, n := range nodes {
		urls = append(urls, n.url)
	}
	var c *Conn
	eventually(t, func() bool {
		var err error
		c, err = Dial(t.Context(), Options{URLs: urls, Identity: user(t, r.sys, nil), Timeout: time.Second})
		return err == nil
	})
	t.Cleanup(c.Close)
	eventually(t, func() bool {
		roll, err := c.RollCall(t.Context())
		return err == nil && len(roll.Servers) == count
	})
	return c
}

// troubled pushes accounts, and lets something happen in the midst.
func troubled(t *testing.T, c *Conn, accounts []Account, trouble func()) (sum Summary, silent map[string]int) {
	t.Helper()
	roll, err := c.RollCall(t.Context())
	check(t, err)
	seen, silent := 0, map[string]int{}
	answered := map[string]bool{} // by account and name: a server that restarts has another id
	sum, err = c.Push(t.Context(), accounts, PushOptions{InFlight: 8, Expect: roll.Servers, OnResult: func(r Result) {
		if seen++; seen == 150 {
			trouble()
		}
		answered[r.Account+" "+r.Server.Name] = true
		if r.Outcome == Silent {
			silent[r.Server.Name]++
		}
	}})
	check(t, err)
	if n := sum.Results.Stored + sum.Results.Silent; len(answered) != len(accounts)*len(roll.Servers) || n != seen {
		t.Errorf("%d results, told of %d, of %d pairs: %+v", n, seen, len(answered), sum)
	}
	if sum.Elapsed > 2*patience {
		t.Errorf("took %v", sum.Elapsed)
	}
	return sum, silent
}

func TestPushWhileAServerFreezes(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.nodes(t, 3)
	c := r.reach(t, 3, nodes[0])
	accounts := r.accounts(t, 200)
	sum, silent := troubled(t, c, accounts, func() { nodes[2].signal(t, syscall.SIGSTOP) })
	if sum.All() || sum.None() || len(silent) != 1 || silent["n3"] == 0 || silent["n3"] > 170 {
		t.Errorf("silent %v, %+v", silent, sum)
	}
	for _, n := range nodes[:2] {
		if got := n.has(accounts); got != 200 {
			t.Errorf("%s has %d", n.name, got)
		}
	}
	if got := nodes[2].has(accounts); got < 200-silent["n3"] {
		t.Errorf("n3 has %d, and was silent about %d", got, silent["n3"])
	}
	roll, err := c.RollCall(t.Context())
	if err != nil || roll.Missing != 1 || len(roll.Absent) != 1 || roll.Absent[0] != "n3" {
		t.Errorf("roll call: %d missing, absent %q, %v", roll.Missing, roll.Absent, err)
	}
	nodes[2].signal(t, syscall.SIGCONT)
	eventually(t, func() bool { roll, err := c.RollCall(t.Context()); return err == nil && len(roll.Servers) == 3 })
	repaired(t, c, accounts, nodes)
}

func TestPushWhileAServerRestarts(t *testing.T) {
	t.Parallel()
	for name, connected := range map[string]int{"another": 0, "the connected one": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealm(t)
			nodes := r.nodes(t, 3)
			c := r.reach(t, 3, nodes[connected], nodes[2])
			accounts := r.accounts(t, 200)
			sum, silent := troubled(t, c, accounts, func() {
				nodes[1].stop(t)
				nodes[1].start(t)
			})
			if got := nodes[1].has(accounts); got < 200-silent["n2"] || len(silent) > 1 {
				t.Errorf("n2 has %d, silent %v", got, silent)
			}
			if !sum.All() {
				t.Logf("not back in time: %v", silent)
			}
			repaired(t, r.reach(t, 3, nodes[0]), accounts, nodes)
		})
	}
}

func TestPushAfterAServerStopped(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.nodes(t, 3)
	r.reach(t, 3, nodes[0])
	nodes[2].stop(t)
	c := r.reach(t, 2, nodes[0])
	accounts := r.accounts(t, 200)
	roll, err := c.RollCall(t.Context())
	check(t, err)
	sum, err := c.Push(t.Context(), accounts, PushOptions{Expect: roll.Servers})
	if err != nil || !sum.All() || sum.Results.Stored != 400 || nodes[2].has(accounts) != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	nodes[2].start(t)
	repaired(t, r.reach(t, 3, nodes[0]), accounts, nodes)
}

// repaired pushes again, after which all nodes have everything.
func repaired(t *testing.T, c *Conn, accounts []Account, nodes []*node) {
	t.Helper()
	roll, err := c.RollCall(t.Context()) // which for a while counts those that restarted twice
	check(t, err)
	sum, err := c.Push(t.Context(), accounts, PushOptions{Expect: roll.Servers})
	if err != nil || !sum.All() || sum.Results.Stored != len(accounts)*len(nodes) {
		t.Errorf("second push: %+v, %v", sum, err)
	}
	for _, n := range nodes {
		if got := n.has(accounts); got != len(accounts) {
			t.Errorf("%s has %d", n.name, got)
		}
	}
}
