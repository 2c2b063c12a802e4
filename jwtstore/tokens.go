package jwtstore

import (
	"io/fs"
	"path"
	"strings"

	"nkeep/internal/safefile"
)

// tokenSet is a directory of tokens of one kind.
type tokenSet struct {
	kind  string
	below string // the operator's directory
	names func() ([]string, error)
	file  func(name string) string // below that
}

func (s *Store) allAccounts() tokenSet {
	return tokenSet{KindAccount, accountsDir, s.AccountNames, func(name string) string {
		return path.Join(name, strings.TrimSpace(name)+tokenExt)
	}}
}

func (s *Store) allUsers(account string) tokenSet {
	names := func() ([]string, error) { return s.UserNames(account) }
	return tokenSet{KindUser, usersOf(account), names, func(name string) string { return name + tokenExt }}
}

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
func (s *Store) AccountTokens() (*Tokens, error) { return s.tokens(s.allAccounts()) }

// UserTokens opens the tokens of the users of an account that [Store.UserNames] lists.
func (s *Store) UserTokens(account string) (*Tokens, error) { return s.tokens(s.allUsers(account)) }

func (s *Store) tokens(all tokenSet) (*Tokens, error) {
	names, err := all.names()
	if err != nil {
		return nil, err
	}
	t := &Tokens{kind: all.kind, names: names, file: all.file}
	if len(names) == 0 {
		return t, nil
	}
	t.dir, err = s.dir.Sub(all.below)
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

// item is the head of a token.
func (t *Tokens) item(name string) Item {
	token, err := t.Read(name)
	if err != nil {
		return Item{Name: name, Err: err}
	}
	head, err := ReadHead(token)
	if err != nil {
		return Item{Name: name, Err: &EntityError{t.kind, name, &fs.PathError{Op: "read", Path: t.dir.Path(t.file(name)), Err: err}}}
	}
	return Item{Name: name, Head: head}
}

// Close gives back the directory.
func (t *Tokens) Close() error {
	if t.dir == nil {
		return nil
	}
	return t.dir.Close()
}
