package jwtstore

import (
	"path"
	"strings"

	"nkeep/internal/safefile"
)

// Tokens reads the tokens of many entities of one kind by their names, without
// walking to their directory for each. It is safe for several goroutines and
// must be closed.
type Tokens struct {
	kind  string
	names []string
	dir   *safefile.Dir // nil when there are no names
	file  func(name string) string
}

// AccountTokens opens the tokens of the accounts that [Store.AccountNames] lists.
func (s *Store) AccountTokens() (*Tokens, error) {
	names, err := s.AccountNames()
	if err != nil {
		return nil, err
	}
	return s.tokens(KindAccount, names, accountsDir, func(name string) string {
		return path.Join(name, strings.TrimSpace(name)+tokenExt)
	})
}

// UserTokens opens the tokens of the users of an account that [Store.UserNames] lists.
func (s *Store) UserTokens(account string) (*Tokens, error) {
	names, err := s.UserNames(account)
	if err != nil {
		return nil, err
	}
	return s.tokens(KindUser, names, usersOf(account), func(name string) string { return name + tokenExt })
}

func (s *Store) tokens(kind string, names []string, dir string, file func(string) string) (*Tokens, error) {
	t := &Tokens{kind: kind, names: names, file: file}
	if len(names) == 0 {
		return t, nil
	}
	var err error
	t.dir, err = s.dir.Sub(dir)
	return t, err
}

// Names are the names of the entities, sorted.
func (t *Tokens) Names() []string { return t.names }

// Read is the token of an entity, not verified. A token that is not there is an
// [*EntityError] wrapping fs.ErrNotExist.
func (t *Tokens) Read(name string) (string, error) {
	f, err := t.dir.Read(t.file(name), maxToken)
	if err != nil {
		return "", &EntityError{t.kind, name, err}
	}
	return bare(f.Data), nil
}

// Close gives back the directory.
func (t *Tokens) Close() error {
	if t.dir == nil {
		return nil
	}
	return t.dir.Close()
}
