//go:build unix

package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is the user as whom root tries what root is always allowed to do.
const nobody = 65534

// TestReadOnlyDirectories makes each directory of a home read-only in turn.
// Readers do not mind; a writer that does says which file it cannot write, and
// changes none.
func TestReadOnlyDirectories(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	h := newHome(t, append(usual(), "add export -a A -s x.>")...)
	old := h.look(t)
	for _, name := range append(old.names(), ".") {
		if f, ok := old[name]; ok && !f.mode.IsDir() {
			continue
		}
		for line, reads := range map[string]bool{
			"list users -a A": true, "describe user U -a A": true, "generate creds -a A -n U": true, "list keys": true, "env": true,
			"add user V -a A": false, "edit account A --sk generate": false, "edit user U -a A --tag x": false, "add account B": false,
			"select account SYS": false, "delete user U -a A --rm-nkey --rm-creds": false,
		} {
			h.tryReadOnly(t, name, line, reads, old)
		}
	}
}

func (h *home) tryReadOnly(t *testing.T, name, line string, reads bool, old disk) {
	t.Helper()
	dir := filepath.Join(h.dir, filepath.FromSlash(name))
	chmod(t, dir, 0o500)
	before := h.look(t)
	r := h.run(nil, line)
	after := h.look(t)
	chmod(t, dir, 0o700)
	what := name + " is read-only: nkeep " + line
	switch {
	case r.code == 0 && reads:
		return
	case r.code == 0: // at most an empty directory has to stay
		for left := range after {
			if strings.HasSuffix(left, ".nkeep-last") {
				t.Errorf("%s: has left %s", what, left)
			}
		}
		h.must(t, "edit operator --tag after")
		h.verify(t, false)
		h.restore(t, old)
		return
	case reads, r.code != 1, !strings.Contains(r.stderr, "permission denied"), !strings.Contains(r.stderr, dir), !strings.Contains(r.stderr, "repeat the command"):
		t.Errorf("%s: %s", what, r)
	}
	if diff := before.diff(after); diff != "" {
		t.Errorf("%s: failed, and changed: %s", what, diff)
	}
	if r := h.run(nil, line); r.code != 0 {
		t.Errorf("%s, repeated: %s", what, r)
	}
	h.verify(t, false)
	h.restore(t, old)
}

func chmod(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
}

// asNobody runs the test once more, as a user to whom modes mean something.
func asNobody(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "nkeep-nobody-") //nolint:usetesting // which others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Skipf("%s%v", notHere, err)
	}
	self := "/proc/self/exe" // the path to it may be closed to others
	if _, err := os.Stat(self); err != nil {
		if self, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^TestReadOnlyDirectories$")
	c.Dir = dir
	c.Env = append(os.Environ(), "TMPDIR="+dir, "GORACE=atexit_sleep_ms=0")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := c.CombinedOutput()
	switch {
	case c.ProcessState == nil:
		t.Skipf("%scannot be another user: %v", notHere, err)
	case err != nil || !strings.Contains(string(out), "PASS"):
		t.Errorf("%v: %s", err, out)
	}
}

// TestClock lets the clock jump back and forth between commands, and stand
// wherever it likes while they run. Nothing of a store hangs on it: locks and
// journals know no time, and a change that was interrupted in the future is
// finished in the past.
func TestClock(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	clock := time.Unix(0, 0)
	h.now = func() time.Time { return clock }
	for i, line := range append(usual(), "edit account A --tag x", "add user V -a A", "delete user V -a A --rm-nkey --rm-creds", "select account SYS") {
		clock = []time.Time{time.Unix(1<<40, 0), time.Unix(-1<<40, 0), time.Unix(0, 0), time.Now()}[i%4]
		h.must(t, line)
		h.must(t, "list users -a SYS")
	}
	h.verify(t, false)
	old := h.look(t)
	all, _ := h.moments(t, "edit account A --tag y")
	age := time.Now().Add(100 * 365 * 24 * time.Hour)
	for _, at := range all {
		h.restore(t, at)
		for name := range at { // files from the future
			if err := os.Chtimes(filepath.Join(h.dir, filepath.FromSlash(name)), age, age); err != nil {
				t.Fatal(err)
			}
		}
		clock = time.Unix(0, 0)
		h.must(t, "list operators")
		if got := h.look(t).content(); old.content().diff(got) != "" && all[len(all)-1].content().diff(got) != "" {
			t.Fatalf("neither old nor new: %s", old.content().diff(got))
		}
	}
	h.verify(t, false)
}

// TestRevocationAheadOfTheClock revokes a user at a time to come, then for now:
// the later of both counts, wherever the clock is.
func TestRevocationAheadOfTheClock(t *testing.T) {
	t.Parallel()
	h := newHome(t, usual()...)
	h.must(t, "revocations add-user U -a A --at 4102444800")
	h.now = func() time.Time { return time.Unix(1000, 0) }
	r := h.run(nil, "revocations add-user U -a A")
	if got := h.must(t, "revocations list-users -a A --json").stdout; !strings.Contains(got, "2100-01-01T00:00:00Z") {
		t.Errorf("the revocation went back: %s\n%s", got, r)
	}
}
