//go:build unix

package testscripts

import (
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stops are the signals that end a run in order, and the exit codes they lead to.
func stops() map[syscall.Signal]int {
	return map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143}
}

// TestSignalWhileReading stops a run that waits for its input.
func TestSignalWhileReading(t *testing.T) {
	t.Parallel()
	for sig, code := range stops() {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.run("add", "operator", "O")
			c := h.command("add", "account", "A", "-K", "-")
			stdin, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stderr := started(t, c)
			readsInput(t, stdin)
			if err := c.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
			if got := c.ProcessState.ExitCode(); got != code || stderr.String() != "nkeep: interrupted\n" {
				t.Errorf("exit code %d, %q", got, stderr)
			}
			h.check()
		})
	}
}

// started starts a command, and collects what it says.
func started(t *testing.T, c *exec.Cmd) *strings.Builder {
	t.Helper()
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	return &stderr
}

// readsInput returns once a process has begun to read: a pipe takes no more than
// 64 KiB until then.
func readsInput(t *testing.T, stdin io.Writer) {
	t.Helper()
	if _, err := stdin.Write(make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
}

// TestSignalAmidWork stops commands at all moments of their work. Each ends with
// what it was asked for or with nothing, says which by its exit code, and leaves
// a store in order.
func TestSignalAmidWork(t *testing.T) {
	t.Parallel()
	for sig, code := range stops() {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.run("add", "operator", "O")
			began := time.Now()
			h.run("add", "account", "A")
			usual := time.Since(began)
			const rounds = 40
			var ended []int
			stopped := 0
			for n := range rounds {
				c, began := h.command(command(n)...), time.Now()
				stderr := started(t, c)
				timer := time.AfterFunc(usual/3+rand.N(usual), func() { _ = c.Process.Signal(sig) })
				_ = c.Wait()
				timer.Stop()
				usual += usual / 16 // whatever else the machine does, some shall end
				switch got := c.ProcessState.ExitCode(); {
				case got == 0:
					ended, usual = append(ended, n), time.Since(began)
				case got == code && stderr.String() == "nkeep: interrupted\n":
					stopped++
				case got == -1: // before it began to listen for signals
				default:
					t.Errorf("%v: exit code %d, %q", command(n), got, stderr)
				}
			}
			h.check()
			h.checkDone(ended)
			if len(ended) == rounds {
				t.Error("no command was stopped: they end too soon")
			}
			t.Logf("of %d commands %d came to their end and %d were stopped in order", rounds, len(ended), stopped)
		})
	}
}

// TestSecondSignal ends a run at once that does not follow the first signal: it
// cannot, for its stderr takes no more.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O")
	c := h.command("add", "account", "A", "-K", "-")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fill(t, w)
	c.Stderr = w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	readsInput(t, stdin)
	done := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(done)
	}()
	// The first is taken; after it, the process dies of the next one it gets.
	for end := time.Now().Add(patience); ; {
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Log(err)
		}
		select {
		case <-done:
			status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("ended otherwise: %v", c.ProcessState)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatal("does not end")
		}
	}
}

// fill makes a pipe full, so that the next write to it waits.
func fill(t *testing.T, w *os.File) {
	t.Helper()
	if err := w.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := w.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
	if err := w.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
}
