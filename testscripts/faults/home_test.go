// Package faults breaks the ground under nkeep in every way a computer knows:
// each step of a change fails in turn, or is the last before death; disks are
// full or read-only, clocks jump, and things lie in a store that do not belong
// there. Whatever happens a store is as it was before or as it should be after,
// and the message says what to do.
package faults

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nkeep/cmd"
	"nkeep/internal/testrun"
	"nkeep/jwtstore"
)

// home is a home directory in which nkeep runs.
type home struct {
	dir string
	env map[string]string
	now func() time.Time
}

// newHome makes a home directory and runs commands there that must succeed.
func newHome(t *testing.T, lines ...string) *home {
	t.Helper()
	h := &home{dir: testrun.Scratch(t), env: map[string]string{}, now: time.Now}
	for _, line := range lines {
		h.must(t, line)
	}
	return h
}

// result is how a command ended.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("exit code %d\nstdout: %s\nstderr: %s", r.code, r.stdout, r.stderr)
}

// run runs a command line within this process. Its words may hold $HOME.
func (h *home) run(before func(op, file string) error, line string) result {
	args := strings.Fields(strings.ReplaceAll(line, "$HOME", h.dir))
	var out, err bytes.Buffer
	code := cmd.Run(context.Background(), cmd.Env{
		Name: "nkeep", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
		LookupEnv: h.lookup, Dir: h.dir, Now: h.now, Rand: randomness(line),
		Files: jwtstore.Options{Before: before},
	}, args)
	return result{code, out.String(), err.String()}
}

func (h *home) lookup(name string) (string, bool) {
	if name == "HOME" || name == "USERPROFILE" {
		return h.dir, true
	}
	value, ok := h.env[name]
	return value, ok
}

// randomness makes a command line generate the same keys whenever it is repeated.
func randomness(line string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(line))) }

// must runs a command that has to succeed.
func (h *home) must(t *testing.T, line string) result {
	t.Helper()
	r := h.run(nil, line)
	if r.code != 0 {
		t.Fatalf("nkeep %s: %s", line, r)
	}
	return r
}

// file is what lies at a path: its content, empty for a directory.
type file struct {
	mode fs.FileMode
	data string
}

// disk is a directory tree as it was at one moment, by relative path.
type disk map[string]file

// look takes down what lies in a directory.
func look(t *testing.T, dir string) disk {
	t.Helper()
	d := disk{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f := file{mode: info.Mode()}
		switch {
		case f.mode.IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f.data = string(data)
		case f.mode&fs.ModeSymlink != 0:
			if f.data, err = os.Readlink(path); err != nil {
				return err
			}
		}
		name, err := filepath.Rel(dir, path)
		d[filepath.ToSlash(name)] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *home) look(t *testing.T) disk {
	t.Helper()
	return look(t, h.dir)
}

// restore makes the home directory what it was at that moment.
func (h *home) restore(t *testing.T, d disk) {
	t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(h.dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range d.names() {
		if err := d[name].put(filepath.Join(h.dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

func (f file) put(path string) error {
	switch {
	case f.mode.IsDir():
		return os.Mkdir(path, f.mode.Perm())
	case f.mode&fs.ModeSymlink != 0:
		return os.Symlink(f.data, path)
	}
	return os.WriteFile(path, []byte(f.data), f.mode.Perm())
}

func (d disk) names() []string {
	names := make([]string, 0, len(d))
	for name := range d {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// diff tells two moments apart, one line for each path, empty when they are alike.
func (d disk) diff(next disk) string {
	var lines []string
	for _, name := range d.names() {
		f, ok := next[name]
		switch {
		case !ok:
			lines = append(lines, "gone: "+name)
		case f != d[name]:
			lines = append(lines, fmt.Sprintf("changed: %s: %v %q, was %v %q", name, f.mode, f.data, d[name].mode, d[name].data))
		}
	}
	for _, name := range next.names() {
		if _, ok := d[name]; !ok {
			lines = append(lines, fmt.Sprintf("new: %s: %v %q", name, next[name].mode, next[name].data))
		}
	}
	return strings.Join(lines, "\n")
}

// only is the only file that matches a pattern below the home directory.
func (h *home) only(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(h.dir, filepath.FromSlash(pattern)))
	if err != nil || len(names) != 1 {
		t.Fatalf("%s: found %q, %v", pattern, names, err)
	}
	return names[0]
}
