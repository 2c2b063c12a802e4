package cmd

import (
	"errors"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
)

// keySearch looks for whoever has one of some keys, in all stores, so that no
// seed goes that somebody else needs.
type keySearch struct {
	keys   map[string]bool
	leaves func(operator, account, user string) bool // is deleted; user is empty for the account itself, and account for the operator
	found  map[string]string                         // by public key: who has it
}

// usedBy tells who has one of the keys and stays. A token that cannot be read
// may be anybody's, so that it is an error.
func (w *workspace) usedBy(keys []string, leaves func(operator, account, user string) bool) (map[string]string, error) {
	s := keySearch{keys: map[string]bool{}, leaves: leaves, found: map[string]string{}}
	accountKeys := false
	for _, k := range keys {
		s.keys[k] = true
		accountKeys = accountKeys || !nkeys.IsValidPublicUserKey(k)
	}
	names, err := w.root.Operators()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		store, err := w.root.Operator(name)
		if err == nil {
			err = s.store(store, accountKeys)
		}
		if err != nil {
			return nil, withHint(fmt.Errorf("who else has the keys is not known: %w", err), "leave out -D, and the keys stay")
		}
	}
	return s.found, nil
}

func (s *keySearch) store(store *jwtstore.Store, accountKeys bool) error {
	if err := s.operator(store); err != nil {
		return err
	}
	accounts, err := store.AccountNames()
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := s.users(store, account); err != nil {
			return err
		}
		if !accountKeys || s.leaves(store.Name, account, "") {
			continue
		}
		if err := s.account(store, account); err != nil {
			return err
		}
	}
	return nil
}

// operator looks for keys of operators only if there are any: for others it need not
// be readable.
func (s *keySearch) operator(store *jwtstore.Store) error {
	wanted := false
	for k := range s.keys {
		wanted = wanted || nkeys.IsValidPublicOperatorKey(k)
	}
	if !wanted || s.leaves(store.Name, "", "") {
		return nil
	}
	token, err := store.Operator()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	oc, err := claims.ReadOperator(token)
	if err != nil {
		return fmt.Errorf("file %q: %w", store.OperatorPath(), err)
	}
	for _, k := range append([]string{oc.Subject}, oc.SigningKeys...) {
		if s.keys[k] {
			s.found[k] = fmt.Sprintf("operator %q", store.Name)
		}
	}
	return nil
}

func (s *keySearch) users(store *jwtstore.Store, account string) error {
	users, err := store.Users(account)
	if err != nil {
		return err
	}
	for _, u := range users {
		switch {
		case s.leaves(store.Name, account, u.Name):
		case u.Err != nil:
			return u.Err
		case s.keys[u.Head.Subject]:
			s.found[u.Head.Subject] = fmt.Sprintf("user %q of account %q", u.Name, account)
		}
	}
	return nil
}

func (s *keySearch) account(store *jwtstore.Store, name string) error {
	token, err := store.Account(name)
	if errors.Is(err, fs.ErrNotExist) { // a directory without a token is no account
		return nil
	}
	if err != nil {
		return err
	}
	ac, err := claims.ReadAccount(token)
	if err != nil {
		return fmt.Errorf("file %q: %w", store.AccountPath(name), err)
	}
	for _, k := range accountKeys(ac) {
		if s.keys[k.public] {
			s.found[k.public] = fmt.Sprintf("account %q of operator %q", name, store.Name)
		}
	}
	return nil
}
