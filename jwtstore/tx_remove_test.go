//go:build unix

package jwtstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nkeep/jwtstore"
)

func removeUser(account, name string) func(*jwtstore.Tx) (string, error) {
	return func(tx *jwtstore.Tx) (string, error) { return tx.RemoveUser("O", account, name) }
}

func removeAccount(name string) func(*jwtstore.Tx) (string, error) {
	return func(tx *jwtstore.Tx) (string, error) { return tx.RemoveAccount("O", name) }
}

func isMissing(err error) bool {
	var e *jwtstore.EntityError
	return errors.As(err, &e) && errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(err.Error(), "not found")
}

// TestRemove leaves nothing of what is removed, no empty directory either.
func TestRemove(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	update(t, r, addAccount("A", "a.p.s"))
	one := tree(t, r.Path())
	update(t, r, addAccount("B", "b.p.s"), addUser("A", "U", "u.p.s"), addUser("A", "V", "v.p.s"), addUser("B", "U", "u.p.s"))
	must(t, r.Update(t.Context(), func(tx *jwtstore.Tx) error {
		for want, remove := range map[string]func(*jwtstore.Tx) (string, error){
			s.UserPath("A", "U"): removeUser("A", "U"), s.UserPath("A", "V"): removeUser("A", "V"),
			s.UserPath("B", "U"): removeUser("B", "U"), s.AccountPath("B"): removeAccount("B"),
		} {
			if file, err := remove(tx); file != want || err != nil {
				t.Errorf("%q %v, want %q", file, err, want)
			}
		}
		return nil
	}))
	if got := tree(t, r.Path()); !slices.Equal(got, one) {
		t.Errorf("left %q\nwant %q", got, one)
	}
}

// TestRemoveKeeps what does not belong to the store.
func TestRemoveKeeps(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	update(t, r, addAccount("A", "a.p.s"))
	foreign := filepath.Join(filepath.Dir(s.AccountPath("A")), "notes.txt")
	must(t, os.WriteFile(foreign, []byte("mine"), 0o600))
	update(t, r, removeAccount("A"))
	if data, err := os.ReadFile(foreign); string(data) != "mine" {
		t.Errorf("foreign file: %q %v", data, err)
	}
	if items, err := s.Accounts(); err != nil || len(items) != 0 {
		t.Errorf("listed: %v %v", items, err)
	}
}

func TestRemoveAndAdd(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	update(t, r, addAccount("A", "1"), addUser("A", "U", "1"))
	update(t, r, removeUser("A", "U"), addUser("A", "U", "2"), removeAccount("A"), addAccount("a", "2"))
	if token, err := s.User("A", "U"); token != "2" {
		t.Errorf("user: %q %v", token, err)
	}
	if token, err := s.Account("a"); token != "2" {
		t.Errorf("account: %q %v", token, err)
	}
	// What was only staged goes as well.
	update(t, r, addUser("A", "V", "x"), removeUser("A", "V"))
	if _, err := s.User("A", "V"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("staged, then removed: %v", err)
	}
}

func TestRemoveRefuses(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	storeO(t, r)
	update(t, r, addAccount("A", "a.p.s"), addUser("A", "U", "u.p.s"))
	before := tree(t, r.Path())
	for name, step := range map[string]func(*jwtstore.Tx) error{
		"user":            all(removeUser("A", "N")),
		"user of another": all(removeUser("B", "U")),
		"account":         all(removeAccount("B")),
		"user twice":      all(removeUser("A", "U"), removeUser("A", "U")),
	} {
		if err := r.Update(t.Context(), step); !isMissing(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", ".", "..", "a/b", `a\b`, "../A/users/U"} {
		for _, step := range []func(*jwtstore.Tx) (string, error){removeUser("A", bad), removeUser(bad, "U"), removeAccount(bad)} {
			if err := r.Update(t.Context(), all(step)); err == nil {
				t.Errorf("%q is accepted", bad)
			}
		}
	}
	if got := tree(t, r.Path()); !slices.Equal(got, before) {
		t.Errorf("changed: %q", got)
	}
}
