//go:build unix

package safefile

import (
	"maps"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestKeptByCopy has a file system without hard links, on which old versions
// are copied, and fails each step in turn: the copy is not whole then, and must
// not be taken for the old version, not even where both versions are alike.
func TestKeptByCopy(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"new", "old"} {
		for at := 1; ; at++ {
			w := newWorld(t)
			before := w.state(t)
			f := &faults{at: at}
			copied, synced := false, false
			d := dirAt(t, w.a, func(op, name string) error {
				kept := strings.HasSuffix(name, lastSuffix)
				copied, synced = copied || op == "write" && kept, synced || op == "sync" && kept
				if err := f.before(op, name); err != nil || op != "link" {
					return err
				}
				return syscall.EPERM
			})
			err := put(t.Context(), "op/op.jwt", next, d)
			switch got := w.state(t); {
			case err != nil && !maps.Equal(got, before):
				t.Fatalf("%q, step %d: %v, found %v", next, at, err, got)
			case err == nil && got["a:"+filepath.FromSlash("op/op.jwt")] != next:
				t.Fatalf("%q, step %d: no error, found %v", next, at, got)
			}
			if f.n < at {
				if !copied || !synced {
					t.Errorf("%q: old version copied %v, synced %v", next, copied, synced)
				}
				break
			}
		}
	}
}

// TestStat looks at what the general way would say.
func TestStat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := dirAt(t, w.a, nil)
	for _, mode := range []uint32{0o700, 0o2750, 0o1777, 0o4700} {
		must(t, syscall.Chmod(filepath.Join(w.a, "op"), mode))
		got, err := d.Stat("op")
		must(t, err)
		root, err := d.open()
		must(t, err)
		want, err := root.Lstat("op")
		must(t, err)
		if got.Mode() != want.Mode() || got.Name() != want.Name() || got.Size() != want.Size() || !got.ModTime().Equal(want.ModTime()) {
			t.Errorf("mode %o: %v, want %v", mode, got.Mode(), want.Mode())
		}
	}
}
