package jwtstore

import (
	"errors"
	"io/fs"
	"iter"
	"path"
	"runtime"
	"strings"
	"sync"

	"nkeep/internal/safefile"
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
func (s *Store) Accounts() ([]Item, error) { return collect(s.ScanAccounts()) }

// ScanAccounts is [Store.Accounts] one by one, for stores of any size. The
// error ends it: the directory of accounts cannot be listed.
func (s *Store) ScanAccounts() iter.Seq2[Item, error] {
	return s.scan(KindAccount, accountsDir, s.AccountNames, func(name string) string {
		return path.Join(name, strings.TrimSpace(name)+tokenExt)
	})
}

// Users reads the heads of all users of an account, sorted by name.
func (s *Store) Users(account string) ([]Item, error) { return collect(s.ScanUsers(account)) }

// ScanUsers is [Store.Users] one by one.
func (s *Store) ScanUsers(account string) iter.Seq2[Item, error] {
	names := func() ([]string, error) { return s.UserNames(account) }
	return s.scan(KindUser, usersOf(account), names, func(name string) string { return name + tokenExt })
}

func collect(scan iter.Seq2[Item, error]) ([]Item, error) {
	items := []Item{}
	for it, err := range scan {
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

// scan reads the heads of files in the directory below, in the order of their names.
func (s *Store) scan(kind, below string, list func() ([]string, error), file func(name string) string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		names, err := list()
		if err == nil && len(names) > 0 {
			err = s.scanNames(kind, below, names, file, yield)
		}
		if err != nil {
			yield(Item{}, err)
		}
	}
}

// ahead is how many heads each reader reads before somebody asks for them.
const ahead = 256

// scanNames reads in parallel, since most of the time goes into opening files:
// every reader has a lane of its own, and the lanes are emptied in turns.
func (s *Store) scanNames(kind, below string, names []string, file func(name string) string, yield func(Item, error) bool) error {
	dir, err := s.dir.Sub(below)
	if err != nil {
		return err
	}
	defer dir.Close()
	lanes := make([]chan Item, min(runtime.GOMAXPROCS(0), len(names)))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer close(stop)
	for n := range lanes {
		lanes[n] = make(chan Item, ahead)
		readers.Go(func() {
			for i := n; i < len(names); i += len(lanes) {
				select {
				case lanes[n] <- readItem(dir, kind, names[i], file(names[i])):
				case <-stop:
					return
				}
			}
		})
	}
	for i := range names {
		it := <-lanes[i%len(lanes)]
		if !errors.Is(it.Err, fs.ErrNotExist) && !yield(it, nil) {
			return nil
		}
	}
	return nil
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
	return byKey(s.ScanAccounts(), public)
}

// UserByKey finds the user of an account whose identity is the given public key.
func (s *Store) UserByKey(account, public string) (name string, ok bool, err error) {
	return byKey(s.ScanUsers(account), public)
}

func byKey(scan iter.Seq2[Item, error], public string) (name string, ok bool, err error) {
	for it, err := range scan {
		if err != nil {
			return "", false, err
		}
		if it.Err == nil && it.Head.Subject == public {
			return it.Name, true, nil
		}
	}
	return "", false, nil
}
