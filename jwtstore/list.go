package jwtstore

import (
	"errors"
	"io/fs"
	"iter"
	"runtime"
	"strings"
	"sync"
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
func (s *Store) AccountNames() ([]string, error) { return s.AccountNamesLike("") }

// AccountNamesLike is [Store.AccountNames] for names that begin with prefix.
func (s *Store) AccountNamesLike(prefix string) ([]string, error) {
	return s.dir.Names(accountsDir, func(e fs.DirEntry) (string, bool) {
		// A link is no directory, and is there to be told of.
		return e.Name(), strings.HasPrefix(e.Name(), prefix) && (e.IsDir() || e.Type()&fs.ModeSymlink != 0)
	})
}

// UserNames lists the users of an account, sorted by name, without opening their tokens.
func (s *Store) UserNames(account string) ([]string, error) { return s.UserNamesLike(account, "") }

// UserNamesLike is [Store.UserNames] for names that begin with prefix.
func (s *Store) UserNamesLike(account, prefix string) ([]string, error) {
	if err := checkElements(KindAccount, account); err != nil {
		return nil, err
	}
	return s.dir.Names(usersOf(account), func(e fs.DirEntry) (string, bool) {
		name, ok := strings.CutSuffix(e.Name(), tokenExt)
		return name, ok && strings.HasPrefix(name, prefix)
	})
}

// Accounts reads the heads of all accounts, sorted by name. A directory
// without a token is no account.
func (s *Store) Accounts() ([]Item, error) { return collect(s.ScanAccounts()) }

// ScanAccounts is [Store.Accounts] one by one, for stores of any size. The
// error ends it: the directory of accounts cannot be listed.
func (s *Store) ScanAccounts() iter.Seq2[Item, error] { return s.scan(s.allAccounts()) }

// Users reads the heads of all users of an account, sorted by name.
func (s *Store) Users(account string) ([]Item, error) { return collect(s.ScanUsers(account)) }

// ScanUsers is [Store.Users] one by one.
func (s *Store) ScanUsers(account string) iter.Seq2[Item, error] { return s.scan(s.allUsers(account)) }

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

// scan reads the heads of tokens in the order of their names. One that is not
// there is left out: a directory without a token is no account.
func (s *Store) scan(all tokenSet) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		tokens, err := s.tokens(all)
		if err != nil {
			yield(Item{}, err)
			return
		}
		defer tokens.Close()
		tokens.scan(func(it Item) bool { return errors.Is(it.Err, fs.ErrNotExist) || yield(it, nil) })
	}
}

// ahead is how many heads each reader reads before somebody asks for them.
const ahead = 256

// scan reads in parallel, since most of the time goes into opening files:
// every reader has a lane of its own, and the lanes are emptied in turns.
func (t *Tokens) scan(yield func(Item) bool) {
	lanes := make([]chan Item, min(runtime.GOMAXPROCS(0), len(t.names)))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer close(stop)
	for n := range lanes {
		lanes[n] = make(chan Item, ahead)
		readers.Go(func() {
			for i := n; i < len(t.names); i += len(lanes) {
				select {
				case lanes[n] <- t.item(t.names[i]):
				case <-stop:
					return
				}
			}
		})
	}
	for i := range t.names {
		if !yield(<-lanes[i%len(lanes)]) {
			return
		}
	}
}
