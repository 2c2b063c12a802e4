//go:build unix

package examples

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"nkeep/cmd"
	"nkeep/internal/testports"
	"nkeep/internal/testrun"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// world is where a line is typed: a home directory, and servers.
type world struct {
	home     string
	nats     string // URL of the nats-server
	accounts string // URL of the account server
	free     string // host and port where somebody may listen
}

// enter goes to a place.
func enter(t *testing.T, prepared map[string]string, p place) *world {
	t.Helper()
	w := &world{home: filepath.Join(testrun.Scratch(t), "home"), nats: "nats://localhost:4222", accounts: host(t), free: testports.Free(t, 1)[0]}
	copyHome(t, prepared[p.stage], w.home)
	if p.running {
		w.serve(t)
	}
	if p.first != "" {
		w.nkeep(t, strings.Fields(p.first)...)
	}
	if p.lost != "" {
		if err := os.RemoveAll(filepath.Join(w.home, p.lost)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// serve starts a nats-server that the store knows, and pushes to it. Somebody there
// answers requests for prices.
func (w *world) serve(t *testing.T) {
	t.Helper()
	w.nats = "nats://" + w.free
	w.free = testports.Free(t, 1)[0]
	conf := filepath.Join(w.home, "running.conf")
	w.nkeep(t, "edit", "operator", "--service-url", w.nats, "--account-jwt-server-url", w.nats)
	w.nkeep(t, "generate", "config", "--nats-resolver", "--listen", strings.TrimPrefix(w.nats, "nats://"), "--config-file", conf)
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "running.conf", bytes.ReplaceAll(text, []byte("./jwt"), []byte(filepath.Join(w.home, "jwt")))) // not where the test runs
	opts, err := natsserver.ProcessConfigFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoLog, opts.NoSigs, opts.ServerName = true, true, "n1"
	server, err := natsserver.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(func() {
		server.Shutdown()
		server.WaitForShutdown()
	})
	if !server.ReadyForConnections(patience) {
		t.Fatal("the server is not ready")
	}
	w.nkeep(t, "push", "-A")
	desk := w.connect(t, "desk")
	if _, err := desk.Subscribe("prices.get", func(m *nats.Msg) { _ = m.Respond([]byte("1.20")) }); err != nil {
		t.Fatal(err)
	}
	if err := desk.Flush(); err != nil {
		t.Fatal(err)
	}
}

// connect logs in as a user of ORDERS.
func (w *world) connect(t *testing.T, user string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(w.nats, nats.UserCredentials(filepath.Join(w.home, ".nkeys/creds/ACME/ORDERS", user+".creds")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// nkeep runs a command within this process, which has to succeed, and returns what
// it says.
func (w *world) nkeep(t *testing.T, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	code := cmd.Run(t.Context(), cmd.Env{
		Name: "nkeep", Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Dir: w.home, Now: time.Now,
		Rand: randomness(args),
		LookupEnv: func(name string) (string, bool) {
			if name != "HOME" {
				return "", false
			}
			return w.home, true
		},
	}, args)
	if code != 0 {
		t.Fatalf("nkeep %s: exit code %d\n%s", strings.Join(args, " "), code, &said)
	}
	return said.String()
}

// randomness makes the keys of a command line come out the same in each run.
func randomness(args []string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256([]byte(strings.Join(args, "\x00"))))
}

// stay is how a line that does not end by itself is ended: once it has said that it
// is ready, something happens, and it has to end with a code.
type stay struct {
	ready string                   // regular expression of what it says; none for a line that ends
	then  func(*testing.T, *world) // nil for Ctrl-C
	code  int
}

// typed types a line into a shell.
func (w *world) typed(t *testing.T, line string, bound stay) {
	t.Helper()
	shell := exec.CommandContext(deadline(t), "bash", "-o", "pipefail", "-c", elsewhere(w).Replace(line))
	said := &testrun.Spoken{}
	shell.Dir, shell.Stdout, shell.Stderr = w.home, said, said
	shell.Env = []string{"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "TZ=UTC", "GORACE=atexit_sleep_ms=0", "TMPDIR=" + w.home, "FREE=" + w.free, "SERVER=" + w.nats, "NSC_HOSTED_OPERATOR=" + w.accounts + "/operator"}
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C goes to all of a line
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	shell.WaitDelay = time.Second
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = shell.Wait()
		close(ended)
	}()
	if bound.ready != "" {
		await(t, said, regexp.MustCompile(bound.ready), ended)
		if bound.then != nil {
			bound.then(t, w)
		} else {
			_ = syscall.Kill(-shell.Process.Pid, syscall.SIGINT) // as Ctrl-C
		}
	}
	<-ended
	if code := shell.ProcessState.ExitCode(); code != bound.code {
		t.Errorf("exit code %d, not %d:\n%s", code, bound.code, said)
	}
	if testing.Verbose() {
		t.Log(said)
	}
}

// await waits until something has been said, or the line has ended.
func await(t *testing.T, said *testrun.Spoken, what *regexp.Regexp, ended <-chan struct{}) {
	t.Helper()
	for !what.MatchString(said.String()) {
		select {
		case <-ended:
			t.Errorf("ended before it said %q", what)
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// knock tries to log in with what no server takes.
func knock(t *testing.T, w *world) {
	t.Helper()
	if conn, err := nats.Connect(w.nats, nats.UserInfo("somebody", "else")); err == nil {
		conn.Close()
		t.Error("a stranger can log in")
	}
}

// publish sends what a subscriber to orders waits for.
func publish(t *testing.T, w *world) {
	t.Helper()
	desk := w.connect(t, "desk")
	if err := desk.Publish("orders.first", []byte("one tea")); err != nil {
		t.Error(err)
	}
	if err := desk.Flush(); err != nil {
		t.Error(err)
	}
}

// request asks for an echo.
func request(t *testing.T, w *world) {
	t.Helper()
	if _, err := w.connect(t, "shop").Request("echo", nil, patience); err != nil {
		t.Error(err)
	}
}
