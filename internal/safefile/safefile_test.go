//go:build unix

package safefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func dirAt(t *testing.T, path string, before func(op, name string) error) *Dir {
	t.Helper()
	d, err := At(path, Options{Before: before})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

// tree reads every file below dir but the lock.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		base := filepath.Base(path)
		switch {
		case base == "lock" || base == Private || rel == ".":
		case e.IsDir():
			out[rel+"/"] = ""
		default:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[rel] = string(data)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

func TestUpdateKeepsModesWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o077, 0o277} {
		old := syscall.Umask(mask)
		path := filepath.Join(t.TempDir(), "a", "b")
		d := dirAt(t, path, nil)
		err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error {
			tx.Put(Keys, d, "x/y/seed", []byte("s"))
			return nil
		})
		syscall.Umask(old)
		if err != nil {
			t.Fatalf("umask %o: %v", mask, err)
		}
		for name, want := range map[string]fs.FileMode{"": 0o700, "x": 0o700, "x/y": 0o700, "x/y/seed": 0o600} {
			info, err := os.Stat(filepath.Join(path, name))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != want {
				t.Errorf("umask %o: %q has mode %o, want %o", mask, name, info.Mode().Perm(), want)
			}
		}
	}
}

func TestRefusedUpdateLeavesNothing(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	d := dirAt(t, filepath.Join(home, "new", "store"), nil)
	refusal := errors.New("no")
	err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error {
		tx.Put(Keys, d, "x/y", []byte("z"))
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Fatalf("got %v", err)
	}
	if left, _ := os.ReadDir(home); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUpdateOfManyFiles(t *testing.T) {
	t.Parallel()
	d := dirAt(t, t.TempDir(), nil)
	for round := range 2 {
		err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error {
			for i := range 3 * manyFiles {
				tx.Put(Tokens, d, fmt.Sprintf("%d/f%d", i%7, i), fmt.Appendf(nil, "%d %d", round, i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got := tree(t, d.Path())
	if len(got) != 3*manyFiles+7 || got["3/f10"] != "1 10" {
		t.Errorf("%d entries, f10 %q", len(got), got["3/f10"])
	}
}

// TestParallelUpdates counts up in one file from many writers, each with a
// descriptor of its own, as processes have.
func TestParallelUpdates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fresh")
	const writers, rounds = 8, 10
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			d, _ := At(path, Options{})
			defer d.Close()
			for range rounds {
				err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error {
					f, err := d.Read("n", 100)
					if err != nil && !errors.Is(err, fs.ErrNotExist) {
						return err
					}
					tx.Put(Tokens, d, "n", append(f.Data, 'x'))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := tree(t, path)["n"]; got != strings.Repeat("x", writers*rounds) {
		t.Errorf("%d of %d updates survive", len(got), writers*rounds)
	}
}

// TestRefusedAndAcceptedRace makes directories for nothing beside writers that
// need them: a lock file that is taken away must not let two in at once.
func TestRefusedAndAcceptedRace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fresh")
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			d, _ := At(path, Options{})
			defer d.Close()
			err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error {
				if i%2 == 0 {
					return fs.ErrInvalid
				}
				tx.Put(Tokens, d, strconv.Itoa(i), nil)
				return nil
			})
			if (err == nil) != (i%2 == 1) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := len(tree(t, path)); got != 30 {
		t.Errorf("%d of 30 files", got)
	}
}

func TestLockEndsWithContext(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first, second := dirAt(t, path, nil), dirAt(t, path, nil)
	err := Update(t.Context(), []*Dir{first}, func(*Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		return Update(ctx, []*Dir{second}, func(*Tx) error { return errors.New("got in") })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	d := dirAt(t, t.TempDir(), nil)
	must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("s"), 0o600))
	must(t, os.WriteFile(d.Path("large"), make([]byte, 101), 0o600))
	must(t, os.WriteFile(d.Path("fits"), make([]byte, 100), 0o600))
	must(t, os.Mkdir(d.Path("sub"), 0o700))
	must(t, os.Symlink(filepath.Join(outside, "secret"), d.Path("link")))
	must(t, os.Symlink("fits", d.Path("inside")))
	must(t, os.Symlink(outside, d.Path("linkdir")))
	must(t, syscall.Mkfifo(d.Path("pipe"), 0o600))
	for name, want := range map[string]error{
		"link": ErrLink, "inside": ErrLink, "linkdir/secret": ErrLink, "pipe": ErrNotRegular, "sub": ErrNotRegular,
		"large": ErrTooLarge, "missing": fs.ErrNotExist, "../secret": errNotLocal, "fits": nil,
	} {
		if _, err := d.Read(name, 100); !errors.Is(err, want) {
			t.Errorf("read %q: got %v, want %v", name, err, want)
		}
	}
	if _, err := d.List("linkdir"); !errors.Is(err, ErrLink) {
		t.Errorf("list through a link: %v", err)
	}
	for _, name := range []string{"link", "linkdir/new", "sub"} {
		err := Update(t.Context(), []*Dir{d}, func(tx *Tx) error { tx.Put(Tokens, d, name, []byte("x")); return nil })
		if !errors.Is(err, ErrLink) && !errors.Is(err, ErrNotRegular) {
			t.Errorf("put %q: %v", name, err)
		}
	}
	if got := tree(t, outside); !maps.Equal(got, map[string]string{"secret": "s"}) {
		t.Errorf("outside: %v", got)
	}
}

func TestWriteOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "out")
	must(t, os.WriteFile(file, []byte("old"), 0o644))
	if err := Write(file, []byte("new"), 0o600, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("existing file: %v", err)
	}
	must(t, Write(file, []byte("new"), 0o600, true))
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	must(t, Write(filepath.Join(dir, "fresh"), []byte("f"), 0o644, false))
	must(t, os.Symlink(file, filepath.Join(dir, "link")))
	if err := Write(filepath.Join(dir, "link"), []byte("through"), 0o600, true); !errors.Is(err, ErrLink) {
		t.Errorf("link: %v", err)
	}
	got := tree(t, dir)
	if got["out"] != "new" || got["fresh"] != "f" || len(got) != 3 {
		t.Errorf("left: %v", got)
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"A", "a b", "Ünï", "日本", "a.b", "a-b", "👍", strings.Repeat("x", MaxName)} {
		if err := CheckName(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range []string{
		"", ".", "..", ".x", "-x", "a/b", `a\b`, "a\nb", "\x1b[31m", "a\u202eb", "a\u200bb", " a", "a ", "\xff",
		"a\u2028b", "a\u115fb", strings.Repeat("x", MaxName+1), "\x00",
	} {
		err := CheckName(bad)
		if err == nil {
			t.Errorf("%q is accepted", bad)
		} else if strings.ContainsAny(err.Error(), "\n\x1b\u202e") {
			t.Errorf("%q: the message holds it unescaped", bad)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
