//go:build unix

package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// noHardLinks is what a file system says that has none.
func noHardLinks(from, to string) error {
	return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EPERM}
}

func TestWriteKeepsSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "open.creds")
	must(t, os.WriteFile(file, []byte("old"), 0o644))
	before, err := os.Stat(file)
	must(t, err)
	must(t, Write(file, []byte("secret"), 0o600, true))
	after, err := os.Stat(file)
	must(t, err)
	// Whoever has the old file open reads what it held, not the secret.
	if after.Mode().Perm() != 0o600 || os.SameFile(before, after) {
		t.Errorf("mode %o, same file %v", after.Mode().Perm(), os.SameFile(before, after))
	}
}

func TestWriteToALongName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := strings.Repeat("n", 255)
	must(t, Write(filepath.Join(dir, name), []byte("x"), 0o600, false))
	if got := tree(t, dir); len(got) != 1 || got[name] != "x" {
		t.Errorf("left: %v", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "dir"), 0o700))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	for name, want := range map[string]error{
		"dir":          ErrNotRegular,
		"pipe":         ErrNotRegular,
		"dangling":     ErrLink,
		"missing/file": fs.ErrNotExist,
	} {
		for _, replace := range []bool{true, false} {
			err := Write(filepath.Join(dir, name), []byte("x"), 0o600, replace)
			if !errors.Is(err, want) || strings.Contains(err.Error(), dir) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 3 {
		t.Errorf("left: %v", entries)
	}
}

// TestWriteOnce has many writers of one file that must not exist: one of them
// succeeds, with or without hard links, and its content is what is there.
func TestWriteOnce(t *testing.T) {
	t.Parallel()
	for what, link := range map[string]func(string, string) error{"links": os.Link, "no links": noHardLinks} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "once")
			var (
				group sync.WaitGroup
				won   atomic.Int32
			)
			for i := range 16 {
				group.Go(func() {
					next := filepath.Join(dir, string(rune('a'+i)))
					if err := os.WriteFile(next, []byte(next), 0o600); err != nil {
						t.Error(err)
						return
					}
					switch err := moveIntoPlace(next, file, false, link); {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, fs.ErrExist):
						t.Error(err)
					default:
						must(t, os.Remove(next))
					}
				})
			}
			group.Wait()
			if got := tree(t, dir); won.Load() != 1 || len(got) != 1 || !strings.HasPrefix(got["once"], dir) {
				t.Errorf("%d won, left: %v", won.Load(), got)
			}
		})
	}
}

// TestWriteOnceFails makes sure that no empty file is left where the rename fails.
func TestWriteOnceFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := moveIntoPlace(filepath.Join(dir, "gone"), filepath.Join(dir, "file"), false, noHardLinks)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if got := tree(t, dir); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

// TestWriteWhereNothingCanBeListed writes into a directory that its owner can
// enter and change, but not read.
func TestWriteWhereNothingCanBeListed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drop")
	must(t, os.Mkdir(dir, 0o300))
	must(t, Write(filepath.Join(dir, "file"), []byte("x"), 0o600, false))
}
