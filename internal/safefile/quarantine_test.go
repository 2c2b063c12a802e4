//go:build unix

package safefile

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// mess is a directory with a file, a link to something outside, a pipe, and an
// open file that is somebody's secret.
func mess(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a")
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, []byte("outside"), 0o644))
	must(t, os.MkdirAll(filepath.Join(dir, "x/y"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "x/y/file"), []byte("file"), 0o644))
	must(t, os.Symlink(outside, filepath.Join(dir, "x/link")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "stays"), []byte("stays"), 0o600))
	return dir
}

func messNames() []string { return []string{"x/y/file", "x/link", "pipe"} }

func putAside(t *testing.T, dir string, before func(op, name string) error) (*Quarantine, error) {
	t.Helper()
	q := dirAt(t, dir, before).Quarantine(noon())
	for _, name := range append(messNames(), "gone") {
		q.Add(name, "why "+name)
	}
	return q, q.Commit()
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	dir := mess(t)
	q, err := putAside(t, dir, nil)
	must(t, err)
	if want := filepath.Join(dir, ".nkeep/quarantine/20260102T120000Z"); q.Path() != want {
		t.Errorf("path is %s, want %s", q.Path(), want)
	}
	for _, name := range messNames() {
		if _, err := os.Lstat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s: is there still: %v", name, err)
		}
		if _, err := os.Lstat(filepath.Join(q.Path(), asideName(name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "x")); !os.IsNotExist(err) {
		t.Error("an empty directory is left")
	}
	info, err := os.Lstat(filepath.Join(q.Path(), "x/y/file.aside"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	target, err := os.Stat(filepath.Join(q.Path(), "x/link.aside"))
	must(t, err)
	if target.Mode().Perm() != 0o644 {
		t.Error("the link was followed")
	}
	names := manifestNames(t, q.Path())
	if want := slices.Sorted(slices.Values(messNames())); !slices.Equal(names, want) {
		t.Errorf("manifest tells of %v, want %v", names, want)
	}
	// A second one of the same second has a place of its own.
	must(t, os.WriteFile(filepath.Join(dir, "pipe"), []byte("again"), 0o600))
	again, err := putAside(t, dir, nil)
	must(t, err)
	if again.Path() != q.Path()+"-2" {
		t.Errorf("second path is %s", again.Path())
	}
}

func manifestNames(t *testing.T, home string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(home, manifestFile))
	must(t, err)
	var m manifest
	must(t, json.Unmarshal(data, &m))
	var names []string
	for _, f := range m.Files {
		if f.File != f.Name+".aside" {
			t.Errorf("%s: lies at %q", f.Name, f.File)
		}
		if f.Why != "why "+f.Name {
			t.Errorf("%s: reason is %q", f.Name, f.Why)
		}
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

func TestQuarantineOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := dirAt(t, dir, nil).Quarantine(noon())
	q.Add("gone", "")
	must(t, q.Commit())
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 || q.Path() != "" {
		t.Errorf("left %v in %q: %v", entries, q.Path(), err)
	}
}

// TestQuarantineInterrupted stops at every step in turn: each file is at one of
// both places, whole, and the manifest tells of those that have moved.
func TestQuarantineInterrupted(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		dir := mess(t)
		f := &faults{at: at, dead: true}
		_, err := putAside(t, dir, f.before)
		if err == nil && f.n < at {
			if at < 10 {
				t.Errorf("there were but %d steps", at)
			}
			return
		}
		if err != nil && !errors.Is(err, errFault) {
			t.Fatal(err)
		}
		home := filepath.Join(dir, ".nkeep/quarantine/20260102T120000Z")
		for _, name := range messNames() {
			_, before := os.Lstat(filepath.Join(dir, name))
			_, after := os.Lstat(filepath.Join(home, asideName(name)))
			if (before == nil) == (after == nil) {
				t.Errorf("step %d: %s: before: %v, after: %v", at, name, before, after)
			}
			if after == nil && !slices.Contains(manifestNames(t, home), name) {
				t.Errorf("step %d: %s: has moved and is not in the manifest", at, name)
			}
		}
		if _, err := putAside(t, dir, nil); err != nil {
			t.Errorf("step %d: again: %v", at, err)
		}
	}
}

func TestTighten(t *testing.T) {
	t.Parallel()
	dir := mess(t)
	d := dirAt(t, dir, nil)
	must(t, os.Chmod(filepath.Join(dir, "x"), 0o755))
	for _, name := range []string{"x", "x/y/file", "x/link", "pipe"} {
		must(t, d.Tighten(name))
	}
	for name, want := range map[string]os.FileMode{"x": 0o700, "x/y/file": 0o600} {
		info, err := os.Lstat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s: mode is %v", name, info.Mode())
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "x/link")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the link was followed: %v", err)
	}
	if err := d.Tighten("../a/stays"); err == nil {
		t.Error("left the directory")
	}
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	dir := mess(t)
	must(t, os.MkdirAll(filepath.Join(dir, "empty"), 0o700))
	must(t, os.MkdirAll(filepath.Join(dir, ".nkeep"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, ".nkeep/lock"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "x/.f.nkeep-next"), []byte("new"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "x/large"), []byte("too large"), 0o600))
	type seen struct {
		data            string
		err             error
		empty, leftover bool
	}
	got := map[string]seen{}
	results := make(chan Found, 100)
	must(t, dirAt(t, dir, nil).Survey(t.Context(), Visitor{
		Enter: func(string) bool { return true },
		Limit: func(string) int64 { return 8 },
		Visit: func(f Found) { results <- f },
	}))
	close(results)
	for f := range results {
		s := seen{data: string(f.Data), empty: f.Empty, leftover: f.Leftover}
		for _, err := range []error{ErrLink, ErrNotRegular, ErrTooLarge} {
			if errors.Is(f.Err, err) {
				s.err = err
			}
		}
		got[f.File] = s
	}
	want := map[string]seen{
		".": {}, "empty": {empty: true}, "x": {}, "x/y": {}, "x/y/file": {data: "file"}, "stays": {data: "stays"},
		"x/link": {err: ErrLink}, "pipe": {err: ErrNotRegular}, "x/large": {err: ErrTooLarge}, "x/.f.nkeep-next": {leftover: true},
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	sealed := func(j journal) string {
		data, err := j.encode()
		must(t, err)
		return string(data)
	}
	dir := t.TempDir()
	for name, test := range map[string]struct {
		journal  string
		mode     os.FileMode
		problem  string
		hopeless bool
	}{
		"sound":     {sealed(journal{Version: 1, Dirs: []string{dir}}), 0o600, "", false},
		"cut":       {`{"version":1`, 0o600, "", false},
		"later":     {sealed(journal{Version: 9}), 0o600, "use the nkeep that wrote it", false},
		"damaged":   {sealed(journal{Version: 1}), 0o600, "damaged", true},
		"moved":     {sealed(journal{Version: 1, Dirs: []string{"/elsewhere", "/other"}}), 0o600, "moved or copied", true},
		"of others": {sealed(journal{Version: 1, Dirs: []string{dir}}), 0o666, "written by others", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d := dirAt(t, dir, nil)
			if got := d.Interrupted(); len(got) > 0 {
				t.Fatalf("found %v where nothing is", got)
			}
			file := filepath.Join(dir, journalName)
			must(t, os.MkdirAll(filepath.Dir(file), 0o700))
			must(t, os.WriteFile(file, []byte(test.journal), 0o600))
			must(t, os.Chmod(file, test.mode))
			got := d.Interrupted()
			if len(got) != 1 || got[0].Hopeless != test.hopeless || (got[0].Err == nil) != (test.problem == "") {
				t.Fatalf("got %+v", got)
			}
			if test.problem != "" && !strings.Contains(got[0].Err.Error(), test.problem) {
				t.Errorf("problem is %v", got[0].Err)
			}
			to, err := d.SetAside(t.Context(), noon())
			must(t, err)
			_, err = os.Lstat(file)
			if moved := os.IsNotExist(err); moved != test.hopeless || (to != "") != test.hopeless {
				t.Errorf("moved %t to %q", moved, to)
			}
		})
	}
}
