//go:build linux

package testscripts

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nkeys"
	"golang.org/x/sys/unix"
)

// TestDialogueStopped ends dialogues in the middle, after some answers: nothing
// is made of them, and the terminal is as it was.
func TestDialogueStopped(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		typed  string
		signal syscall.Signal
		code   int
	}{
		"Ctrl-C":  {"\x03", 0, 130},
		"Ctrl-D":  {"\x04", 0, 130},
		"in text": {"30d\x03", 0, 130},
		"SIGINT":  {"", syscall.SIGINT, 130},
		"SIGTERM": {"", syscall.SIGTERM, 143},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.run("add", "operator", "O")
			d := h.dialogue("add", "account", "-i")
			d.answer("Name of the account: ", "A\r")
			d.answer("Identity key: ", "\r")
			d.answer("Not valid before: ", c.typed)
			if c.signal != 0 {
				if err := d.command.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			}
			d.ends(c.code)
			h.run("add", "account", "A") // as if nothing had been
			h.check()
		})
	}
}

// TestDialogueSeed types a seed among the answers, first a wrong one. It is shown
// nowhere.
func TestDialogueSeed(t *testing.T) {
	t.Parallel()
	pair, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	h := newHome(t)
	h.run("add", "operator", "O")
	d := h.dialogue("add", "account", "-i")
	d.answer("Name of the account: ", "A\r")
	d.answer("Identity key: ", "-\r")
	d.answer("(is not shown): ", "hunter2\r")
	d.answer("does not hold a seed", "")
	d.answer("(is not shown): ", string(seed)+"\r")
	d.answer("Not valid before: ", "\r")
	d.answer("Not valid after: ", "\r")
	d.answer("What else to set: ", "\r")
	d.ends(0)
	for _, secret := range []string{string(seed), "hunter2"} {
		if strings.Contains(d.shown(), secret) {
			t.Errorf("%s is shown: %q", secret, d.shown())
		}
	}
	for _, said := range []string{"nkeep add account A --public-key -\r\n", public} {
		if !strings.Contains(d.shown(), said) {
			t.Errorf("does not say %q: %q", said, d.shown())
		}
	}
	h.check()
}

// TestDialogueKeeps shows what is there beside a question. An empty answer keeps it.
func TestDialogueKeeps(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O")
	h.run("add", "account", "O")
	h.run("edit", "account", "O", "--conns", "10", "--payload", "1MiB", "--expiry", "2100-01-01", "--js-disk-storage", "1GB", "--js-max-bytes-required")
	h.run("edit", "account", "O", "--description", "shop ✓ "+strings.Repeat("x", 80))
	d := h.dialogue("edit", "account", "O", "-i")
	d.answer("What to change: ", "limits,JetStream,validity,description\r")
	for _, q := range []struct{ asked, typed string }{
		{"Connections [10]: ", ""},
		{"Leaf node connections [unlimited]: ", "5"},
		{"Bytes in flight [unlimited]: ", ""},
		{"Exports [unlimited]: ", ""},
		{"Imports [unlimited]: ", ""},
		{"Bytes of a message [1.0 MiB]: ", ""},
		{"Subscriptions [unlimited]: ", ""},
		{"Tier: ", ""},
		{"Bytes in memory [disabled]: ", ""},
		{"Bytes on disk [1.0 GB]: ", ""},
		{"Streams [unlimited]: ", ""},
		{"Consumers [unlimited]: ", ""},
		{"Bytes of one stream in memory [unlimited]: ", ""},
		{"Bytes of one stream on disk [unlimited]: ", ""},
		{"Unacknowledged messages [unlimited]: ", ""},
		{"Demand a size limit of every stream? [Y/n]: ", "n"},
		{"Description [shop ✓ " + strings.Repeat("x", 33) + "…]: ", ""},
		{"Link to more about it: ", ""},
		{"Not valid before: ", ""},
		{"Not valid after [2100-01-01T00:00:00Z]: ", ""},
	} {
		d.answer(q.asked, q.typed+"\r")
	}
	d.ends(0)
	for _, said := range []string{
		"nkeep edit account O --leaf-conns 5 --js-max-bytes-required=false\r\n",
		"  max leaf node connections      unlimited → 5\r\n", "  JetStream: max bytes required  yes → no\r\n",
	} {
		if !strings.Contains(d.shown(), said) {
			t.Errorf("does not say %q: %q", said, d.shown())
		}
	}
	h.check()
}

// TestDialogueTabs completes an answer by its beginning, and walks to one by the arrows.
func TestDialogueTabs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("init", "-n", "O")
	h.run("add", "account", "ORDERS")
	h.run("add", "account", "SHOP")
	d := h.dialogue("select", "account", "-i")
	d.answer("Account [SHOP]: ", "OR\t\r")
	d.ends(0)
	if !strings.Contains(d.shown(), `selected operator "O", account "ORDERS"`) {
		t.Errorf("shown: %q", d.shown())
	}
	d = h.dialogue("select", "account", "-i")
	d.answer("Account [ORDERS]: ", "\x1b[A\x1b[A\x1b[A\x1b[A\r") // O, ORDERS, SHOP, SYS
	d.ends(0)
	if !strings.Contains(d.shown(), `selected operator "O", account "SYS"`) {
		t.Errorf("shown: %q", d.shown())
	}
}

// dialogue is a process that asks on a terminal.
type dialogue struct {
	*home
	command          *exec.Cmd
	master, terminal *os.File
	before           unix.Termios
	shown            func() string
	seen             int // of what is shown
}

func (h *home) dialogue(args ...string) *dialogue {
	h.Helper()
	master, terminal := openTerminal(h.T)
	d := &dialogue{h, h.command(args...), master, terminal, modes(h.T, terminal), collect(master), 0}
	d.command.Env = append(d.command.Env, "TERM=dumb")
	d.command.Stdin, d.command.Stdout, d.command.Stderr = terminal, terminal, terminal
	if err := d.command.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = d.command.Process.Kill() })
	return d
}

// answer waits until something is asked, and types.
func (d *dialogue) answer(question, typed string) {
	d.Helper()
	if !poll(func() bool { return strings.Contains(d.shown()[d.seen:], question) }) {
		d.Fatalf("does not ask %q: %q", question, d.shown())
	}
	d.seen += strings.Index(d.shown()[d.seen:], question) + len(question)
	if _, err := io.WriteString(d.master, typed); err != nil {
		d.Fatal(err)
	}
}

// ends waits for the end. The terminal has to be as it was.
func (d *dialogue) ends(code int) {
	d.Helper()
	_ = d.command.Wait()
	if got := d.command.ProcessState.ExitCode(); got != code {
		d.Errorf("exit code %d, not %d: %q", got, code, d.shown())
	}
	if after := modes(d.T, d.terminal); after != d.before {
		d.Errorf("the terminal is left as %+v, was %+v", after, d.before)
	}
	const end = "<end>"
	if _, err := io.WriteString(d.terminal, end); err != nil { // behind all that the process wrote
		d.Fatal(err)
	}
	if !poll(func() bool { return strings.Contains(d.shown(), end) }) {
		d.Errorf("shown: %q", d.shown())
	}
}
