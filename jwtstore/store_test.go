//go:build unix

package jwtstore_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"nkeep/internal/safefile"
	"nkeep/jwtstore"
)

func openRoot(tb testing.TB, dir string) *jwtstore.Root {
	tb.Helper()
	r, err := jwtstore.Open(dir, jwtstore.Options{})
	must(tb, err)
	tb.Cleanup(func() { must(tb, r.Dir().Close()) })
	return r
}

func update(tb testing.TB, r *jwtstore.Root, fns ...func(*jwtstore.Tx) (string, error)) {
	tb.Helper()
	must(tb, r.Update(tb.Context(), all(fns...)))
}

func all(fns ...func(*jwtstore.Tx) (string, error)) func(*jwtstore.Tx) error {
	return func(tx *jwtstore.Tx) error {
		for _, fn := range fns {
			if _, err := fn(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

func addOperator(name string) func(*jwtstore.Tx) (string, error) {
	return func(tx *jwtstore.Tx) (string, error) { return tx.AddOperator(name, "op."+name+".sig", false) }
}

func addAccount(name, token string) func(*jwtstore.Tx) (string, error) {
	return func(tx *jwtstore.Tx) (string, error) { return tx.AddAccount("O", name, token) }
}

func addUser(account, name, token string) func(*jwtstore.Tx) (string, error) {
	return func(tx *jwtstore.Tx) (string, error) { return tx.AddUser("O", account, name, token) }
}

// storeO opens the store of an operator "O", made when it is not there.
func storeO(tb testing.TB, r *jwtstore.Root) *jwtstore.Store {
	tb.Helper()
	if _, err := r.Operator("O"); errors.Is(err, fs.ErrNotExist) {
		update(tb, r, addOperator("O"))
	}
	s, err := r.Operator("O")
	must(tb, err)
	return s
}

// tree describes every file and directory below dir, with mode and content, but
// nkeep's own.
func tree(tb testing.TB, dir string) []string {
	tb.Helper()
	out := []string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || rel == "." {
			return err
		}
		if e.Name() == safefile.Private {
			return fs.SkipDir
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		data := []byte{}
		if !e.IsDir() {
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", info.Mode(), rel, data)))
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	return out
}

func TestLayout(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "yet")
	r := openRoot(t, dir)
	var files []string
	must(t, r.Update(t.Context(), func(tx *jwtstore.Tx) error {
		op, err := tx.AddOperator("O", "o.p.s", false)
		must(t, err)
		managed, err := tx.AddOperator("M N", "m.p.s", true)
		must(t, err)
		acc, err := tx.AddAccount("O", "A", "a.p.s")
		must(t, err)
		user, err := tx.AddUser("O", "A", "U.x", "u.p.s")
		must(t, err)
		old, err := tx.PutAccount("O", " B ", "b.p.s") // as nsc may have named it
		must(t, err)
		files = []string{op, managed, acc, user, old}
		return nil
	}))
	want := []string{
		"drwx------ M N",
		`-rw------- M N/.nsc {"managed":true,"name":"M N","kind":"operator","version":"1"}`,
		"-rw------- M N/M N.jwt m.p.s",
		"drwx------ O",
		`-rw------- O/.nsc {"managed":false,"name":"O","kind":"operator","version":"1"}`,
		"-rw------- O/O.jwt o.p.s",
		"drwx------ O/accounts",
		"drwx------ O/accounts/ B",
		"-rw------- O/accounts/ B /B.jwt b.p.s",
		"drwx------ O/accounts/A",
		"-rw------- O/accounts/A/A.jwt a.p.s",
		"drwx------ O/accounts/A/users",
		"-rw------- O/accounts/A/users/U.x.jwt u.p.s",
	}
	if got := tree(t, dir); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s, err := r.Operator("O")
	must(t, err)
	m, err := r.Operator("M N")
	must(t, err)
	if s.Managed || !m.Managed {
		t.Error("managed is not what was written")
	}
	if told := []string{s.OperatorPath(), m.OperatorPath(), s.AccountPath("A"), s.UserPath("A", "U.x"), s.AccountPath(" B ")}; !slices.Equal(files, told) {
		t.Errorf("staged at %q, told %q", files, told)
	}
	for want, read := range map[string]func() (string, error){
		"o.p.s": s.Operator,
		"a.p.s": func() (string, error) { return s.Account("A") },
		"u.p.s": func() (string, error) { return s.User("A", "U.x") },
		"b.p.s": func() (string, error) { return s.Account(" B ") },
	} {
		if got, err := read(); got != want {
			t.Errorf("read %q %v, want %q", got, err, want)
		}
	}
}

func TestNewlineBehindAToken(t *testing.T) {
	t.Parallel()
	s := storeO(t, openRoot(t, t.TempDir()))
	must(t, os.WriteFile(s.OperatorPath(), []byte("o.p.s\r\n"), 0o600))
	if got, err := s.Operator(); got != "o.p.s" {
		t.Errorf("%q %v", got, err)
	}
}

func TestOperators(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := openRoot(t, dir)
	if names, err := openRoot(t, filepath.Join(dir, "none")).Operators(); err != nil || names == nil || len(names) != 0 {
		t.Errorf("no directory: %#v %v", names, err)
	}
	update(t, r, addOperator("O"), addOperator("N"))
	must(t, os.MkdirAll(filepath.Join(dir, "keys", "O"), 0o700))
	must(t, os.Symlink("O", filepath.Join(dir, "link")))
	must(t, os.Mkdir(filepath.Join(dir, "broken"), 0o700))
	for name, data := range map[string]string{"nsc.json": "{}", "broken/.nsc": "{"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600))
	}
	names, err := r.Operators()
	if want := []string{"N", "O", "broken"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("%v %v, want %v", names, err, want)
	}
	for name, want := range map[string]string{
		"keys": "not found", "none": "not found", "link": "symbolic link", "broken": "does not describe an operator",
		"..": "cannot be part of a path", "": "cannot be part of a path", "a/b": "cannot be part of a path",
	} {
		_, err := r.Operator(name)
		var e *jwtstore.EntityError
		if !errors.As(err, &e) || e.Kind != jwtstore.KindOperator || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
		if errors.Is(err, fs.ErrNotExist) != (want == "not found") {
			t.Errorf("%q: %v wraps the wrong reason", name, err)
		}
	}
}

func TestMarkerOfAnotherKind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := openRoot(t, dir)
	storeO(t, r)
	for _, data := range []string{`{"kind":"account","name":"O"}`, `[]`, ``, strings.Repeat(" ", 64<<10+1)} {
		must(t, os.WriteFile(filepath.Join(dir, "O", ".nsc"), []byte(data), 0o600))
		if _, err := r.Operator("O"); err == nil {
			t.Errorf("%.20q is accepted", data)
		}
	}
}

// TestReadRefuses looks up names that lead elsewhere, and tokens that are no files.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	s := storeO(t, openRoot(t, t.TempDir()))
	for _, name := range []string{"", ".", "..", "../O", "a/b", `a\b`, "a\x00b", strings.Repeat("x", 256)} {
		_, accErr := s.Account(name)
		_, userErr := s.User("A", name)
		_, inErr := s.User(name, "U")
		_, listErr := s.UserNames(name)
		for _, err := range []error{accErr, userErr, inErr, listErr} {
			var e *jwtstore.EntityError
			if !errors.As(err, &e) || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	file := s.AccountPath("A")
	must(t, os.MkdirAll(filepath.Dir(file), 0o700))
	for name, c := range map[string]struct {
		plant func() error
		want  error
	}{
		"link":      {func() error { return os.Symlink(s.OperatorPath(), file) }, safefile.ErrLink},
		"pipe":      {func() error { return syscall.Mkfifo(file, 0o600) }, safefile.ErrNotRegular},
		"directory": {func() error { return os.Mkdir(file, 0o700) }, safefile.ErrNotRegular},
		"oversize":  {func() error { return os.WriteFile(file, make([]byte, 1<<20+1025), 0o600) }, safefile.ErrTooLarge},
		"missing":   {func() error { return nil }, fs.ErrNotExist},
	} {
		must(t, c.plant())
		_, err := s.Account("A")
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if !errors.Is(c.want, fs.ErrNotExist) && !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v does not name the file", name, err)
		}
		must(t, os.RemoveAll(file))
	}
}

func TestWatchPaths(t *testing.T) {
	t.Parallel()
	s := storeO(t, openRoot(t, t.TempDir()))
	must(t, os.MkdirAll(filepath.Dir(s.AccountPath("A")), 0o700))
	paths, err := s.WatchPaths()
	top := filepath.Dir(s.OperatorPath())
	if want := []string{top, filepath.Join(top, "accounts"), filepath.Dir(s.AccountPath("A"))}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("%v %v", paths, err)
	}
}
