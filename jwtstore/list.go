package jwtstore

import (
	"errors"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"nkeep/internal/safefile"

	"golang.org/x/sync/errgroup"
)

// Item is one entry of a listing. Err says why a token could not be read; then
// Head is empty, and the rest of the listing is as good as ever.
type Item struct {
	Name string // of the file or directory
	Head Head
	Err  error
}

// AccountNames lists the accounts, sorted by name, without opening their
// tokens. It includes directories whose token is missing.
func (s *Store) AccountNames() ([]string, error) {
	entries, err := s.dir.List(accountsDir)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// UserNames lists the users of an account, sorted by name, without opening their tokens.
func (s *Store) UserNames(account string) ([]string, error) {
	if err := checkElements(KindAccount, account); err != nil {
		return nil, err
	}
	entries, err := s.dir.List(usersOf(account))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), tokenExt); ok && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// Accounts reads the heads of all accounts, sorted by name. A directory
// without a token is no account.
func (s *Store) Accounts() ([]Item, error) {
	names, err := s.AccountNames()
	if err != nil || len(names) == 0 {
		return []Item{}, err
	}
	dir, err := s.dir.Sub(accountsDir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return readHeads(dir, KindAccount, names, func(name string) string {
		return path.Join(name, strings.TrimSpace(name)+tokenExt)
	})
}

// Users reads the heads of all users of an account, sorted by name.
func (s *Store) Users(account string) ([]Item, error) {
	names, err := s.UserNames(account)
	if err != nil || len(names) == 0 {
		return []Item{}, err
	}
	dir, err := s.dir.Sub(usersOf(account))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return readHeads(dir, KindUser, names, func(name string) string { return name + tokenExt })
}

// readHeads reads in parallel: most of the time goes into opening files.
func readHeads(dir *safefile.Dir, kind string, names []string, file func(name string) string) ([]Item, error) {
	items := make([]Item, len(names))
	var group errgroup.Group
	workers := min(runtime.GOMAXPROCS(0), len(names))
	for w := range workers {
		group.Go(func() error {
			for i := w; i < len(names); i += workers {
				items[i] = readItem(dir, kind, names[i], file(names[i]))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := items[:0]
	for _, it := range items {
		if !errors.Is(it.Err, fs.ErrNotExist) {
			out = append(out, it)
		}
	}
	return out, nil
}

func readItem(dir *safefile.Dir, kind, name, file string) Item {
	f, err := dir.Read(file, maxToken)
	if err != nil {
		return Item{Name: name, Err: &EntityError{kind, name, err}}
	}
	head, err := ReadHead(bare(f.Data))
	if err != nil {
		return Item{Name: name, Err: &EntityError{kind, name, &fs.PathError{Op: "read", Path: dir.Path(file), Err: err}}}
	}
	return Item{Name: name, Head: head}
}

// AccountByKey finds the account whose identity is the given public key; ok is
// false when there is none.
func (s *Store) AccountByKey(public string) (name string, ok bool, err error) {
	return byKey(public)(s.Accounts())
}

// UserByKey finds the user of an account whose identity is the given public key.
func (s *Store) UserByKey(account, public string) (name string, ok bool, err error) {
	return byKey(public)(s.Users(account))
}

func byKey(public string) func([]Item, error) (string, bool, error) {
	return func(items []Item, err error) (string, bool, error) {
		i := slices.IndexFunc(items, func(it Item) bool { return it.Err == nil && it.Head.Subject == public })
		if err != nil || i < 0 {
			return "", false, err
		}
		return items[i].Name, true, nil
	}
}
