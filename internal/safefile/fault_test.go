//go:build unix

package safefile

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var errFault = errors.New("injected")

// faults fails the step number at, and from there on all of them when dead: to
// the disk that looks as if the process had been killed there.
type faults struct {
	at, n int
	dead  bool
}

func (f *faults) before(string, string) error {
	f.n++
	if f.n == f.at || f.dead && f.n > f.at {
		return errFault
	}
	return nil
}

// world is two directories with something in them, and a transaction that
// replaces, adds and removes in both.
type world struct{ a, b string }

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")}
	for _, name := range []string{w.a + "/op/op.jwt", w.a + "/op/users/u.jwt", w.b + "/keys/old.nk"} {
		must(t, os.MkdirAll(filepath.Dir(name), 0o700))
		must(t, os.WriteFile(name, []byte("old"), 0o600))
	}
	return w
}

func (w world) update(t *testing.T, f *faults) error {
	t.Helper()
	a, b := dirAt(t, w.a, f.before), dirAt(t, w.b, f.before)
	return change(t.Context(), a, b)
}

func change(ctx context.Context, a, b *Dir) error {
	return Update(ctx, []*Dir{a, b}, func(tx *Tx) error {
		tx.Put(Tokens, a, "op/op.jwt", []byte("new"))
		tx.Put(Tokens, a, "op/accounts/x/x.jwt", []byte("new"))
		tx.Put(Keys, b, "keys/A/new.nk", []byte("seed"))
		tx.Remove(Tokens, a, "op/users/u.jwt")
		tx.Remove(Keys, b, "keys/old.nk")
		return nil
	})
}

func (w world) recover(t *testing.T, f *faults) error {
	t.Helper()
	a, b := dirAt(t, w.a, f.before), dirAt(t, w.b, f.before)
	return Update(t.Context(), []*Dir{a, b}, func(*Tx) error { return nil })
}

func (w world) state(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for prefix, dir := range map[string]string{"a:": w.a, "b:": w.b} {
		for name, data := range tree(t, dir) {
			out[prefix+name] = data
		}
	}
	return out
}

func states(t *testing.T) (before, after map[string]string) {
	t.Helper()
	w := newWorld(t)
	before = w.state(t)
	must(t, w.update(t, &faults{}))
	return before, w.state(t)
}

// TestEveryStepFails fails the first, second, third … step until none is left:
// each time the error is reported and everything is as it was, and the same
// transaction succeeds when repeated.
func TestEveryStepFails(t *testing.T) {
	t.Parallel()
	before, after := states(t)
	for at := 1; ; at++ {
		w := newWorld(t)
		f := &faults{at: at}
		err := w.update(t, f)
		if f.n < at {
			if at < 20 {
				t.Errorf("only %d steps were seen", at)
			}
			return
		}
		got := w.state(t)
		switch {
		case err == nil: // the step came after the commit point
			must(t, w.recover(t, &faults{}))
			if got := w.state(t); !maps.Equal(got, after) {
				t.Fatalf("step %d: success, but found %v", at, got)
			}
		case !errors.Is(err, errFault):
			t.Fatalf("step %d: %v", at, err)
		case !maps.Equal(got, before):
			t.Fatalf("step %d: %v\nfound %v\nwant  %v", at, err, got, before)
		default:
			must(t, w.update(t, &faults{}))
			if got := w.state(t); !maps.Equal(got, after) {
				t.Fatalf("repeated after step %d: found %v", at, got)
			}
		}
	}
}

// TestDeathAtEveryStep stops at every step of a transaction, and again at every
// step of the recovery that follows: whoever comes next finds all or nothing.
func TestDeathAtEveryStep(t *testing.T) {
	t.Parallel()
	before, after := states(t)
	for at := 1; ; at++ {
		for again := 1; ; again++ {
			w := newWorld(t)
			f := &faults{at: at, dead: true}
			committed := w.update(t, f) == nil
			if f.n < at {
				return
			}
			noTornFile(t, w)
			r := &faults{at: again, dead: true}
			_ = w.recover(t, r)
			noTornFile(t, w)
			must(t, w.recover(t, &faults{}))
			got := w.state(t)
			if committed && !maps.Equal(got, after) || !maps.Equal(got, before) && !maps.Equal(got, after) {
				t.Fatalf("death at step %d and recovery step %d (committed %v): found %v", at, again, committed, got)
			}
			if r.n < again {
				break
			}
		}
	}
}

// noTornFile checks what readers see without a lock: each file old or new.
func noTornFile(t *testing.T, w world) {
	t.Helper()
	for name, data := range w.state(t) {
		if strings.Contains(name, ".nkeep") || strings.HasSuffix(name, "/") {
			continue
		}
		if data != "old" && data != "new" && data != "seed" {
			t.Fatalf("%s holds %q", name, data)
		}
	}
}

// TestRecoveryRespectsOthers edits a file by other means between a crash and
// the recovery: the edit stays.
func TestRecoveryRespectsOthers(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := newWorld(t)
		f := &faults{at: at, dead: true}
		if err := w.update(t, f); err == nil {
			return
		}
		must(t, os.WriteFile(filepath.Join(w.a, "op/op.jwt"), []byte("theirs"), 0o600))
		must(t, w.recover(t, &faults{}))
		if got := w.state(t)["a:op/op.jwt"]; got != "theirs" {
			t.Fatalf("step %d: found %q", at, got)
		}
	}
}

func TestTornJournalAnnouncesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.state(t)
	must(t, os.MkdirAll(filepath.Join(w.a, Private), 0o700))
	must(t, os.WriteFile(filepath.Join(w.a, journalName), []byte(`{"version":1,"dirs":["/"],"entr`), 0o600))
	must(t, w.recover(t, &faults{}))
	if got := w.state(t); !maps.Equal(got, before) {
		t.Errorf("found %v", got)
	}
}

func TestJournalOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, os.MkdirAll(filepath.Join(w.a, Private), 0o700))
	must(t, os.WriteFile(filepath.Join(w.a, journalName), []byte("{}"), 0o600))
	must(t, os.Chmod(filepath.Join(w.a, journalName), 0o666))
	if err := w.recover(t, &faults{}); err == nil || !strings.Contains(err.Error(), "written by others") {
		t.Errorf("got %v", err)
	}
}
