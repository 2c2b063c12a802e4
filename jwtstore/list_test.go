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

// TestListingSurvivesBadTokens has one of each bad kind among many good ones.
func TestListingSurvivesBadTokens(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	token, public := accountToken(t, "claim")
	var adds []func(*jwtstore.Tx) (string, error)
	for i := range 40 {
		adds = append(adds, addAccount(fmt.Sprintf("A%02d", i), token), addUser("A00", fmt.Sprintf("U%02d", i), token))
	}
	update(t, r, adds...)
	bad := []struct {
		plant func(file string) error
		want  error // nil: left out of the listing
		says  string
	}{
		{func(file string) error { return os.WriteFile(file, []byte("gar.ba.ge"), 0o600) }, nil, "does not hold a token"},
		{func(file string) error { return os.WriteFile(file, nil, 0o600) }, nil, "does not hold a token"},
		{func(file string) error { return os.WriteFile(file, make([]byte, 2<<20), 0o600) }, safefile.ErrTooLarge, ""},
		{func(file string) error {
			return replace(file, func() error { return os.Symlink("../A00/A00.jwt", file) })
		}, safefile.ErrLink, ""},
		{func(file string) error { return replace(file, func() error { return syscall.Mkfifo(file, 0o600) }) }, safefile.ErrNotRegular, ""},
		{os.Remove, fs.ErrNotExist, ""},
	}
	for i, b := range bad {
		must(t, b.plant(s.AccountPath(fmt.Sprintf("A%02d", 10+i))))
		must(t, b.plant(s.UserPath("A00", fmt.Sprintf("U%02d", 10+i))))
	}
	// A directory in the place of a token is in the way of it, and to be told of.
	bad = append(bad, struct {
		plant func(file string) error
		want  error
		says  string
	}{func(file string) error { return replace(file, func() error { return os.Mkdir(file, 0o700) }) }, safefile.ErrNotRegular, ""})
	must(t, bad[6].plant(s.AccountPath("A16")))
	must(t, bad[6].plant(s.UserPath("A00", "U16")))

	for _, c := range []struct {
		prefix string
		list   func() ([]jwtstore.Item, error)
		path   func(name string) string
	}{
		{"A", s.Accounts, s.AccountPath},
		{"U", func() ([]jwtstore.Item, error) { return s.Users("A00") }, func(name string) string { return s.UserPath("A00", name) }},
	} {
		items, err := c.list()
		must(t, err)
		if !slices.IsSortedFunc(items, func(a, b jwtstore.Item) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: not sorted", c.prefix)
		}
		if len(items) != 39 {
			t.Errorf("%s: %d items", c.prefix, len(items))
		}
		byName := map[string]jwtstore.Item{}
		for _, it := range items {
			byName[it.Name] = it
		}
		for i := range 40 {
			name := fmt.Sprintf("%s%02d", c.prefix, i)
			it, listed := byName[name]
			if i < 10 || i >= 10+len(bad) {
				if it.Err != nil || it.Head.Subject != public || it.Head.Name != "claim" {
					t.Errorf("%s: %+v", name, it)
				}
				continue
			}
			b := bad[i-10]
			if errors.Is(b.want, fs.ErrNotExist) {
				if listed {
					t.Errorf("%s is listed: %+v", name, it)
				}
				continue
			}
			var e *jwtstore.EntityError
			if !errors.As(it.Err, &e) || e.Name != name || b.want != nil && !errors.Is(it.Err, b.want) ||
				!strings.Contains(it.Err.Error(), b.says) || !strings.Contains(it.Err.Error(), c.path(name)) {
				t.Errorf("%s: %v", name, it.Err)
			}
		}
	}
}

func replace(file string, with func() error) error { return errors.Join(os.Remove(file), with()) }

// TestListingOfOddDirectories puts other things where directories belong.
func TestListingOfOddDirectories(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	token, public := accountToken(t, "A")
	update(t, r, addAccount("A", token), addUser("A", "U", token))
	accounts := filepath.Dir(filepath.Dir(s.AccountPath("A")))
	must(t, os.Symlink("A", filepath.Join(accounts, "link")))
	must(t, syscall.Mkfifo(filepath.Join(accounts, "pipe"), 0o600))
	must(t, os.WriteFile(filepath.Join(accounts, "file.jwt"), []byte(token), 0o600))
	if names, err := s.AccountNames(); err != nil || !slices.Equal(names, []string{"A", "link"}) {
		t.Errorf("names: %v %v", names, err)
	}
	if items, err := s.Users("link"); !errors.Is(err, safefile.ErrLink) {
		t.Errorf("users through a link: %v %v", items, err)
	}
	if items, err := s.Users("none"); err != nil || items == nil || len(items) != 0 {
		t.Errorf("users of nobody: %v %v", items, err)
	}
	must(t, os.Symlink("U.jwt", filepath.Join(filepath.Dir(s.UserPath("A", "U")), "notes")))
	if names, err := s.UserNames("A"); err != nil || !slices.Equal(names, []string{"U"}) {
		t.Errorf("users: %v %v", names, err)
	}
	if name, ok, err := s.AccountByKey(public); name != "A" || !ok || err != nil {
		t.Errorf("by key: %q %v %v", name, ok, err)
	}
	if name, ok, err := s.UserByKey("A", public); name != "U" || !ok || err != nil {
		t.Errorf("by key: %q %v %v", name, ok, err)
	}
	if name, ok, err := s.AccountByKey("A"); ok || err != nil {
		t.Errorf("by no key: %q %v", name, err)
	}

	must(t, os.Rename(accounts, accounts+".real"))
	must(t, os.Symlink("accounts.real", accounts))
	if items, err := s.Accounts(); !errors.Is(err, safefile.ErrLink) {
		t.Errorf("accounts through a link: %v %v", items, err)
	}
	must(t, replace(accounts, func() error { return syscall.Mkfifo(accounts, 0o600) }))
	if items, err := s.Accounts(); err == nil {
		t.Errorf("accounts in a pipe: %v", items)
	}
}
