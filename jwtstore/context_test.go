//go:build unix

package jwtstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nkeep/internal/safefile"
	"nkeep/jwtstore"
)

func openSettings(tb testing.TB, dir string) *jwtstore.Settings {
	tb.Helper()
	s, err := jwtstore.OpenSettings(dir, jwtstore.Options{})
	must(tb, err)
	tb.Cleanup(func() { must(tb, s.Dir().Close()) })
	return s
}

func save(t *testing.T, s *jwtstore.Settings, sel jwtstore.Selection) (string, error) {
	t.Helper()
	err := safefile.Update(t.Context(), []*safefile.Dir{s.Dir()}, func(tx *safefile.Tx) error { return s.Stage(tx, sel, 1700000000) })
	if info, err := os.Lstat(s.Path()); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, safefile.ErrNotRegular)
	}
	data, readErr := os.ReadFile(s.Path())
	return string(data), errors.Join(err, readErr)
}

func TestFirstSettings(t *testing.T) {
	t.Parallel()
	s := openSettings(t, filepath.Join(t.TempDir(), "new"))
	if sel, saved, err := s.Load(); sel != (jwtstore.Selection{}) || saved || err != nil {
		t.Errorf("before: %v %v %v", sel, saved, err)
	}
	sel := jwtstore.Selection{StoreRoot: "/stores", Operator: "O", Account: `a "b"`}
	got, err := save(t, s, sel)
	must(t, err)
	if want := `{"store_root":"/stores","operator":"O","account":"a \"b\"","github_updates":"nats-io/nsc","last_update":1700000000}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if info, err := os.Stat(s.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v %v", info, err)
	}
	if back, saved, err := s.Load(); back != sel || !saved || err != nil {
		t.Errorf("after: %v %v %v", back, saved, err)
	}
}

func TestSettingsKeepWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	s := openSettings(t, t.TempDir())
	must(t, os.WriteFile(s.Path(), []byte(`{ "z": [1, 2.50], "last_update": 7, "account": "old", "a": {"x": null} }`), 0o600))
	got, err := save(t, s, jwtstore.Selection{StoreRoot: "/s", Operator: "O"})
	must(t, err)
	if want := `{"store_root":"/s","operator":"O","account":"","last_update":7,"a":{"x":null},"z":[1,2.50]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	again, err := save(t, s, jwtstore.Selection{StoreRoot: "/s", Operator: "O"})
	if err != nil || again != got {
		t.Errorf("again %s %v", again, err)
	}
}

func TestBrokenSettings(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"":                            "is not valid JSON",
		"{":                           "is not valid JSON",
		"[]":                          "is not valid JSON",
		`{"operator":1}`:              `field "operator" is not a string`,
		`{"store_root":"rel/ative"}`:  "is not an absolute path",
		strings.Repeat(" ", 1<<20+1):  "is too large",
		`{"store_root":"/s"} trailer`: "is not valid JSON",
	} {
		s := openSettings(t, t.TempDir())
		must(t, os.WriteFile(s.Path(), []byte(data), 0o600))
		_, saved, err := s.Load()
		if err == nil || saved || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), s.Path()) {
			t.Errorf("%.30q: %v", data, err)
		}
		if strings.Contains(want, "JSON") { // there is nothing to keep, and nothing is thrown away
			if got, err := save(t, s, jwtstore.Selection{}); err == nil || got != data {
				t.Errorf("%.30q is overwritten: %q %v", data, got, err)
			}
		}
	}
}

func TestSettingsThatAreNoFile(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(file string) error{
		"link":      func(file string) error { return os.Symlink("/etc/passwd", file) },
		"pipe":      func(file string) error { return syscall.Mkfifo(file, 0o600) },
		"directory": func(file string) error { return os.Mkdir(file, 0o700) },
	} {
		s := openSettings(t, t.TempDir())
		must(t, plant(s.Path()))
		if _, saved, err := s.Load(); err == nil || saved {
			t.Errorf("%s: %v", name, err)
		}
		_, err := save(t, s, jwtstore.Selection{})
		if info, statErr := os.Lstat(s.Path()); err == nil || statErr != nil || info.Mode().IsRegular() {
			t.Errorf("%s: overwritten: %v", name, err)
		}
	}
}
