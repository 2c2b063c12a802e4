//go:build unix

package jwtstore_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nkeep/jwtstore"
)

func isTaken(err error) bool {
	var e *jwtstore.EntityError
	return errors.As(err, &e) && errors.Is(err, fs.ErrExist) && strings.HasSuffix(err.Error(), "exists already")
}

func TestTakenNames(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	update(t, r, addOperator("O"), addAccount("Acc", "a.p.s"), addUser("Acc", "U", "u.p.s"))
	before := tree(t, r.Path())
	type step = func(*jwtstore.Tx) (string, error)
	for name, c := range map[string]struct {
		steps []step
		taken bool
	}{
		"operator":                  {[]step{addOperator("O")}, true},
		"operator, other case":      {[]step{addOperator("o")}, false},
		"operator twice":            {[]step{addOperator("N"), addOperator("N")}, true},
		"account":                   {[]step{addAccount("Acc", "x")}, true},
		"account, other case":       {[]step{addAccount("aCC", "x")}, true},
		"account twice":             {[]step{addAccount("B", "x"), addAccount("B", "x")}, true},
		"account twice, other case": {[]step{addAccount("Bé", "x"), addAccount("bÉ", "x")}, true},
		"account put, then added":   {[]step{func(tx *jwtstore.Tx) (string, error) { return tx.PutAccount("O", "B", "x") }, addAccount("b", "x")}, true},
		"account of another":        {[]step{addOperator("N"), func(tx *jwtstore.Tx) (string, error) { return tx.AddAccount("N", "Acc", "x") }}, false},
		"user":                      {[]step{addUser("Acc", "U", "x")}, true},
		"user, other case":          {[]step{addUser("Acc", "u", "x")}, false},
		"user twice":                {[]step{addUser("Acc", "V", "x"), addUser("Acc", "V", "x")}, true},
		"user of another account":   {[]step{addAccount("B", "x"), addUser("B", "U", "x")}, false},
	} {
		// The error is looked at and the transaction given up, so that each case meets the same store.
		giveUp := errors.New("enough")
		err := r.Update(t.Context(), func(tx *jwtstore.Tx) error {
			if err := all(c.steps...)(tx); err != nil {
				return err
			}
			return giveUp
		})
		if isTaken(err) != c.taken || !c.taken && !errors.Is(err, giveUp) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := tree(t, r.Path()); !slices.Equal(got, before) {
		t.Errorf("changed: %q", got)
	}
}

// TestDirectoryWithoutToken leaves a name free: nsc's delete leaves such directories.
func TestDirectoryWithoutToken(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	must(t, os.MkdirAll(filepath.Join(filepath.Dir(s.AccountPath("A")), "users"), 0o700))
	if items, err := s.Accounts(); err != nil || items == nil || len(items) != 0 {
		t.Errorf("listed: %v %v", items, err)
	}
	if names, err := s.AccountNames(); err != nil || !slices.Equal(names, []string{"A"}) {
		t.Errorf("names: %v %v", names, err)
	}
	update(t, r, addAccount("A", "a.p.s"))
	if err := r.Update(t.Context(), all(addAccount("a", "x"))); !isTaken(err) {
		t.Errorf("then taken: %v", err)
	}
}

func TestPutReplaces(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	update(t, r, addAccount("A", "1"), addUser("A", "U", "1"))
	must(t, os.Chmod(s.AccountPath("A"), 0o644))
	must(t, r.Update(t.Context(), func(tx *jwtstore.Tx) error {
		_, opErr := tx.PutOperator("O", "2")
		_, accErr := tx.PutAccount("O", "A", "2")
		_, userErr := tx.PutUser("O", "A", "U", "2")
		return errors.Join(opErr, accErr, userErr)
	}))
	for _, file := range []string{s.OperatorPath(), s.AccountPath("A"), s.UserPath("A", "U")} {
		data, err := os.ReadFile(file)
		must(t, err)
		info, err := os.Stat(file)
		must(t, err)
		if string(data) != "2" || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %q, mode %o", file, data, info.Mode().Perm())
		}
	}
}

func TestBadNames(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stores")
	r := openRoot(t, dir)
	for _, bad := range []string{"", ".", "..", ".x", "-x", "a/b", `a\b`, " a", "a ", "a\nb", "a\x1b[1mb", "\u202ea", "a\u200bb", "\xff", strings.Repeat("x", 201)} {
		if err := jwtstore.CheckName(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
		for what, add := range map[string]func(*jwtstore.Tx) (string, error){"operator": addOperator(bad), "account": addAccount(bad, "x"), "user": addUser("A", bad, "x")} {
			if err := r.Update(t.Context(), all(add)); err == nil {
				t.Errorf("%s %q is accepted", what, bad)
			}
		}
	}
	// What exists already may have any name that stays where it belongs.
	for _, bad := range []string{"", ".", "..", "a/b", `a\b`} {
		for what, put := range map[string]func(*jwtstore.Tx) (string, error){
			"operator":            func(tx *jwtstore.Tx) (string, error) { return tx.PutOperator(bad, "x") },
			"account":             func(tx *jwtstore.Tx) (string, error) { return tx.PutAccount("O", bad, "x") },
			"operator of account": func(tx *jwtstore.Tx) (string, error) { return tx.AddAccount(bad, "A", "x") },
			"user":                func(tx *jwtstore.Tx) (string, error) { return tx.PutUser("O", "A", bad, "x") },
			"account of user":     func(tx *jwtstore.Tx) (string, error) { return tx.AddUser("O", bad, "U", "x") },
		} {
			if err := r.Update(t.Context(), all(put)); err == nil {
				t.Errorf("%s %q is accepted", what, bad)
			}
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

func TestUpdateEndsWithContext(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stores")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := openRoot(t, dir).Update(ctx, all(addOperator("O"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
