package accountserver

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"nkeep/resolver"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long the store must be so before it is read: a change touches
// several files.
const quiet = 50 * time.Millisecond

// Follow keeps up with the store until ctx ends: what others change is known at
// once, and the nats-servers of a bridge are told. Without it answers are right
// all the same.
func (s *Server) Follow(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the store: %w", err)
	}
	defer watcher.Close()
	if err := s.watch(watcher); err != nil {
		return err
	}
	later := time.NewTimer(time.Hour)
	defer later.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-watcher.Errors:
			s.log.Error("watch the store", "error", err)
			later.Reset(quiet) // events may be lost
		case <-watcher.Events:
			later.Reset(quiet)
		case <-later.C:
			s.catchUp(watcher)
		}
	}
}

// watch looks at the directory of the accounts, where accounts come and go, and
// at each account's when somebody is to be told of changes.
func (s *Server) watch(watcher *fsnotify.Watcher) error {
	store := s.book.store
	paths := []string{filepath.Dir(store.AccountsPath()), store.AccountsPath()}
	if s.notify != nil {
		all, err := store.WatchPaths()
		if err != nil {
			return err
		}
		paths = all
	}
	for i, p := range paths {
		if err := watcher.Add(p); err != nil && i < 1 {
			return fmt.Errorf("watch %q: %w", p, err)
		} else if err != nil { // it is gone, or not there yet
			s.log.Debug("watch the store", "path", p, "error", err)
		}
	}
	return nil
}

// catchUp finds what has changed, and tells of it.
func (s *Server) catchUp(watcher *fsnotify.Watcher) {
	changed, err := s.book.refresh()
	if err != nil {
		s.log.Error("cannot list the accounts", "error", err)
		return
	}
	if err := s.watch(watcher); err != nil {
		s.log.Error("watch the store", "error", err)
	}
	var accounts []resolver.Account
	for _, public := range changed {
		h, err := s.book.account(public)
		if err != nil {
			s.log.Warn("changed account cannot be served", "account", public, "error", err)
			continue
		}
		s.log.Info("account changed", "account", public, "name", h.name)
		accounts = append(accounts, resolver.Account{ID: public, Token: h.token})
	}
	s.tell(accounts...)
}
