package jwtstore

import (
	"slices"

	"nkeep/internal/safefile"
)

// AccountsByKey finds the accounts whose identities are the given public keys,
// and returns their names by key. Keys of no account are not in it.
func (s *Store) AccountsByKey(publics ...string) (map[string]string, error) {
	return s.find(s.allAccounts(), publics)
}

// AccountByKey is [Store.AccountsByKey] for one key; ok is false when there is no such account.
func (s *Store) AccountByKey(public string) (name string, ok bool, err error) {
	found, err := s.AccountsByKey(public)
	name, ok = found[public]
	return name, ok, err
}

// UsersByKey is [Store.AccountsByKey] for the users of an account.
func (s *Store) UsersByKey(account string, publics ...string) (map[string]string, error) {
	if err := checkElements(KindAccount, account); err != nil {
		return nil, err
	}
	return s.find(s.allUsers(account), publics)
}

// UserByKey is [Store.UsersByKey] for one key.
func (s *Store) UserByKey(account, public string) (name string, ok bool, err error) {
	found, err := s.UsersByKey(account, public)
	name, ok = found[public]
	return name, ok, err
}

// NamesOfAccounts tells what accounts are called, for showing it beside their
// keys: one whose identity another program has replaced in place may be missing.
// The store is read when the first name is asked for. It is not safe for
// several goroutines.
func (s *Store) NamesOfAccounts() func(public string) (name string, err error) {
	var (
		x     *index
		known map[string]string
	)
	return func(public string) (string, error) {
		if known == nil {
			if x == nil {
				loaded := s.loadIndex(accountsDir)
				x = &loaded
			}
			if name, ok := s.confirm(s.allAccounts(), *x, public); ok {
				return name, nil
			}
			if _, listed := x.name(public); x.sure && !listed {
				return "", nil
			}
			var err error
			if known, err = s.scanAll(s.allAccounts()); err != nil {
				known = map[string]string{}
				return "", err
			}
		}
		return known[public], nil
	}
}

// find looks keys up in the index, and reads all tokens for the first that it
// does not have: any of them may have changed.
func (s *Store) find(all tokenSet, publics []string) (map[string]string, error) {
	found := make(map[string]string, len(publics))
	x := s.loadIndex(all.below)
	missing := slices.IndexFunc(publics, func(public string) bool {
		name, ok := s.confirm(all, x, public)
		if ok {
			found[public] = name
		}
		return !ok
	})
	if missing < 0 {
		return found, nil
	}
	names, err := s.scanAll(all)
	if err != nil {
		return nil, err
	}
	for _, public := range publics[missing:] {
		if name, ok := names[public]; ok {
			found[public] = name
		}
	}
	return found, nil
}

// confirm is what the index says, if the token says so, too.
func (s *Store) confirm(all tokenSet, x index, public string) (name string, ok bool) {
	name, ok = x.name(public)
	if !ok || safefile.CheckElement(name) != nil {
		return "", false
	}
	t := Tokens{kind: all.kind, dir: s.dir, file: func(name string) string { return all.below + "/" + all.file(name) }}
	it := t.item(name)
	if it.Err != nil || it.Head.Subject != public {
		return "", false
	}
	return name, true
}

// scanAll reads all tokens, and makes the index anew where one is worthwhile.
func (s *Store) scanAll(all tokenSet) (map[string]string, error) {
	before, statErr := s.dir.Stat(all.below)
	var items []Item
	names := map[string]string{}
	for it, err := range s.scan(all) {
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		if _, shared := names[it.Head.Subject]; it.Err == nil && !shared {
			names[it.Head.Subject] = it.Name
		}
	}
	if statErr == nil && len(items) >= worthIndex {
		s.saveIndex(all.below, before, items)
	}
	return names, nil
}
