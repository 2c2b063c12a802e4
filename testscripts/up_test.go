package testscripts

import (
	"bufio"
	"encoding/json"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// upLine is a line of nkeep up --json: what runs first, then one event a line.
type upLine struct {
	URL   string `json:"url"`
	Users []struct {
		Account, Creds string
	} `json:"users"`
	Kind, Account, User, Reason string
}

// running is an nkeep up under way.
type running struct {
	*home
	cmd   *exec.Cmd
	lines chan upLine
	url   string
	creds string
}

func startUp(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{home: newHome(t), lines: make(chan upLine, 1000)}
	r.cmd = r.command(append([]string{"up", "--json", "--quiet"}, args...)...)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	go func() {
		defer close(r.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			var l upLine
			if err := json.Unmarshal(in.Bytes(), &l); err != nil {
				t.Errorf("not JSON: %s", in.Text())
			}
			r.lines <- l
		}
	}()
	first := r.await(func(l upLine) bool { return l.URL != "" })
	r.url, r.creds = first.URL, first.Users[0].Creds
	return r
}

// await returns the first line that fits.
func (r *running) await(fits func(upLine) bool) upLine {
	r.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case l, ok := <-r.lines:
			if !ok {
				r.Fatal("nkeep up has ended")
			}
			if fits(l) {
				return l
			}
		case <-deadline:
			r.Fatal("no such event")
		}
	}
}

func (r *running) awaitEvent(kind, account string) upLine {
	r.Helper()
	return r.await(func(l upLine) bool { return l.Kind == kind && (account == "" || l.Account == account) })
}

func (r *running) connect(creds string) (*nats.Conn, error) {
	return nats.Connect(r.url, nats.UserCredentials(creds), nats.NoReconnect())
}

func (r *running) mustConnect(creds string) *nats.Conn {
	r.Helper()
	nc, err := r.connect(creds)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(nc.Close)
	return nc
}

// TestUp goes through a session of nkeep up: clients come and go, accounts are
// changed and made from elsewhere, and it ends when it is told to.
func TestUp(t *testing.T) {
	t.Parallel()
	r := startUp(t, "--listen", "127.0.0.1:-1")

	nc := r.mustConnect(r.creds)
	if l := r.awaitEvent("connect", "APP"); l.User != "app" {
		t.Errorf("connect: %+v", l)
	}
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.AddStream(&nats.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		t.Errorf("JetStream: %v", err)
	}

	// an edit reaches the server, which holds those who come next to it
	r.run("edit", "account", "APP", "--conns", "1")
	r.awaitEvent("claims_update", "APP")
	deadline := time.Now().Add(10 * time.Second)
	for {
		second, err := r.connect(r.creds)
		if err != nil {
			break
		}
		second.Close()
		if time.Now().After(deadline) {
			t.Fatal("the limit is not in force")
		}
	}
	nc.Close()
	r.awaitEvent("disconnect", "APP")

	// so does a new account, and its user
	r.run("add", "account", "NEW")
	r.run("add", "user", "fresh")
	r.awaitEvent("claims_update", "NEW")
	r.mustConnect(r.dir + "/.nkeys/creds/local/NEW/fresh.creds").Close()
	r.awaitEvent("connect", "NEW")

	// a stranger is seen to be refused
	stranger := newHome(t)
	stranger.run("init", "-n", "X")
	if _, err := r.connect(stranger.dir + "/.nkeys/creds/X/X/X.creds"); err == nil {
		t.Error("a stranger got in")
	}
	if l := r.awaitEvent("auth_error", ""); l.Reason == "" {
		t.Errorf("refused: %+v", l)
	}

	// it ends when it is told to, and leaves nothing that listens
	if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for range r.lines { // until its end
	}
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "nats://")); err == nil {
		_ = c.Close()
		t.Error("something listens still")
	}
}

// TestUpOnTakenPort says who is in the way, and changes nothing.
func TestUpOnTakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	h := newHome(t)
	out, err := h.command("up", "--listen", l.Addr().String()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "address already in use") || !strings.Contains(string(out), "--listen") {
		t.Errorf("%v: %s", err, out)
	}
}
