package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteAll(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir := filepath.Join(home, "a", "b")
	undo, err := WriteAll(dir, []Output{{"x", []byte("1")}, {"y", []byte("2")}}, 0o600, false)
	if err != nil {
		t.Fatal(err)
	}
	wantContents(t, dir, map[string]string{"x": "1", "y": "2"})
	for name, mode := range map[string]fs.FileMode{"": 0o700, "..": 0o700, "x": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: mode %v, %v; want %v", name, info.Mode(), err, mode)
		}
	}

	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(home, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("undo leaves the directory: %v", err)
	}
}

func TestWriteAllRefused(t *testing.T) {
	t.Parallel()
	two := []Output{{"x", []byte("1")}, {"y", []byte("2")}}
	for name, tt := range map[string]struct {
		plant   func(dir string) error
		replace bool
		want    error
	}{
		"exists":    {func(dir string) error { return os.WriteFile(filepath.Join(dir, "y"), []byte("old"), 0o600) }, false, fs.ErrExist},
		"link":      {func(dir string) error { return os.Symlink("elsewhere", filepath.Join(dir, "y")) }, true, ErrLink},
		"directory": {func(dir string) error { return os.Mkdir(filepath.Join(dir, "y"), 0o700) }, true, ErrNotRegular},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := tt.plant(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := WriteAll(dir, two, 0o600, tt.replace); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

// TestWriteAllNotHalf fails at the last name, when the first is in place.
func TestWriteAllNotHalf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := WriteAll(dir, []Output{{"x", []byte("1")}, {"x", []byte("2")}}, 0o600, false)
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that it exists", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestWriteAllReplaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	undo, err := WriteAll(dir, []Output{{"x", []byte("1")}, {"y", []byte("2")}}, 0o600, true)
	if err != nil {
		t.Fatal(err)
	}
	wantContents(t, dir, map[string]string{"x": "1", "y": "2"})
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	wantContents(t, dir, map[string]string{"x": "1"})
}

func wantContents(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Errorf("holds %v, %v; want %v", entries, err, want)
	}
	for name, content := range want {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != content {
			t.Errorf("%s: %q, %v; want %q", name, data, err, content)
		}
	}
}
