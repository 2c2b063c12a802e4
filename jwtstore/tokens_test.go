//go:build unix

package jwtstore_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"nkeep/jwtstore"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	r := openRoot(t, t.TempDir())
	s := storeO(t, r)
	none, err := s.AccountTokens()
	must(t, err)
	if len(none.Names()) != 0 || none.Close() != nil {
		t.Errorf("no accounts: %q", none.Names())
	}
	token, _ := accountToken(t, "A")
	update(t, r, addAccount("B", token), addAccount("A", token), addUser("A", "v", token+"\n"), addUser("A", "u", token))
	accounts, err := s.AccountTokens()
	must(t, err)
	defer accounts.Close()
	users, err := s.UserTokens("A")
	must(t, err)
	defer users.Close()
	for _, c := range []struct {
		tokens *jwtstore.Tokens
		names  []string
	}{{accounts, []string{"A", "B"}}, {users, []string{"u", "v"}}} {
		if !slices.Equal(c.tokens.Names(), c.names) {
			t.Errorf("names %q, want %q", c.tokens.Names(), c.names)
		}
		for _, name := range c.names {
			if got, err := c.tokens.Read(name); err != nil || got != token {
				t.Errorf("%s: %q %v", name, got, err)
			}
		}
	}
	must(t, os.Remove(s.UserPath("A", "u")))
	_, err = users.Read("u")
	if e, ok := errors.AsType[*jwtstore.EntityError](err); !ok || e.Name != "u" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
	if _, err := s.UserTokens(".."); err == nil {
		t.Error("a name that leads out is accepted")
	}
}
