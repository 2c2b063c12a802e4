package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nkeep/jwtstore"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
	"github.com/fsnotify/fsnotify"
	"golang.org/x/sync/errgroup"
)

// upClientName is by what nkeep's own connections are known to the server.
const upClientName = "nkeep up"

// loginFailed is how the server calls the end of a connection that it refused,
// which it also tells in an event of its own.
const loginFailed = "Authentication Failure"

// settleTime is how long the store must be quiet before changes are pushed: a
// transaction touches several files.
const settleTime = 50 * time.Millisecond

// follower keeps a server up to date with the store, and shows what happens on it.
type follower struct {
	*app
	op     *operator
	conn   *resolver.Conn
	pushed map[string]string // the token last pushed, by account name
	names  map[string]string // of accounts, by public key
	show   *eventShow

	operator string // its token, as it was last seen
}

// pushAll pushes every account that checks out, and warns about the others.
func (f *follower) pushAll(ctx context.Context, v *upView) error {
	items, err := f.op.store.Accounts()
	if err != nil {
		return err
	}
	f.names = map[string]string{}
	names := make([]string, 0, len(items))
	for _, it := range items {
		names = append(names, it.Name)
		f.names[it.Head.Subject] = it.Name
	}
	v.Accounts = len(items)
	if v.Pushed, err = f.push(ctx, names); err != nil {
		return err
	}
	return f.noteStrangers(ctx)
}

// noteStrangers tells of accounts that the server keeps from an earlier run, and
// that are not here any more.
func (f *follower) noteStrangers(ctx context.Context) error {
	lists, err := f.conn.List(ctx, nil)
	if err != nil {
		return err
	}
	strangers := 0
	for _, l := range lists {
		for _, public := range l.Accounts {
			if f.names[public] == "" {
				strangers++
			}
		}
	}
	if strangers > 0 {
		f.out.Warnf("the server serves %s that %s not here; delete there with: nkeep push --prune -u %s", plural(strangers, "account"), english.PluralWord(strangers, "is", "are"), f.conn.URL())
	}
	return nil
}

// push pushes the named accounts whose tokens are not those pushed last.
func (f *follower) push(ctx context.Context, names []string) (stored int, err error) {
	var accounts []resolver.Account
	for _, name := range names {
		ac, err := f.op.account(name)
		if err != nil {
			f.out.Warnf("%v", err)
			continue
		}
		if f.pushed[name] == ac.token {
			continue
		}
		f.pushed[name], f.names[ac.claims.Subject] = ac.token, name
		accounts = append(accounts, resolver.Account{ID: ac.claims.Subject, Token: ac.token})
	}
	if len(accounts) == 0 {
		return 0, nil
	}
	summary, err := f.conn.Push(ctx, accounts, resolver.PushOptions{OnResult: func(r resolver.Result) {
		if r.Outcome != resolver.Stored {
			f.out.Warnf("account %q: %s: %s", f.names[r.Account], r.Outcome, r.Message)
		}
	}})
	return summary.Complete, err
}

// follow shows events and pushes changed accounts until ctx ends, which is how
// a server is stopped, not a failure.
func (f *follower) follow(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the store: %w", err)
	}
	defer watcher.Close()
	if err := f.watchDirs(watcher); err != nil {
		return err
	}
	ready := func() { f.out.Notef("running until Ctrl-C; accounts that you change are pushed at once") }
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		return f.conn.Watch(both, resolver.WatchOptions{Now: f.env.Now, Ready: ready}, f.showEvent)
	})
	group.Go(func() error { return f.followStore(both, watcher) })
	err = group.Wait()
	f.out.Notef("stopped")
	if ctx.Err() != nil {
		return nil // also when it ended before the watch had begun
	}
	return err
}

func (f *follower) watchDirs(watcher *fsnotify.Watcher) error {
	paths, err := f.op.store.WatchPaths()
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := watcher.Add(p); err != nil {
			return fmt.Errorf("watch %q: %w", p, err)
		}
	}
	return nil
}

// followStore gathers the accounts that change, and pushes them once it is quiet.
func (f *follower) followStore(ctx context.Context, watcher *fsnotify.Watcher) error {
	changed := map[string]bool{}
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-watcher.Errors:
			f.out.Warnf("watch the store: %v", err)
		case event := <-watcher.Events:
			if name, ok := f.accountOf(event.Name); ok {
				changed[name] = true
				quiet.Reset(settleTime)
			} else if event.Name == f.op.store.OperatorPath() {
				quiet.Reset(settleTime)
			}
		case <-quiet.C:
			f.noteOperator()
			f.pushChanged(ctx, watcher, changed)
			changed = map[string]bool{}
		}
	}
}

// accountOf is the account whose directory or token a path is.
func (f *follower) accountOf(path string) (string, bool) {
	rel, err := filepath.Rel(f.op.store.AccountsPath(), path)
	if err != nil || !filepath.IsLocal(rel) || rel == "." {
		return "", false
	}
	name, file, below := strings.Cut(filepath.ToSlash(rel), "/")
	return name, !below || file == filepath.Base(f.op.store.AccountPath(name))
}

func (f *follower) pushChanged(ctx context.Context, watcher *fsnotify.Watcher, changed map[string]bool) {
	var names []string
	for name := range changed {
		_, err := f.op.store.Account(name)
		switch {
		case err == nil:
			names = append(names, name)
			_ = watcher.Add(filepath.Dir(f.op.store.AccountPath(name))) // new, or watched already
		case errors.Is(err, fs.ErrNotExist):
			f.noteGone(name)
		}
	}
	if _, err := f.push(ctx, names); err != nil && ctx.Err() == nil {
		f.out.Warnf("push: %v", err)
	}
}

// noteGone tells, once, that an account which is gone here is served still, unless it
// has another name now.
func (f *follower) noteGone(name string) {
	token := f.pushed[name]
	delete(f.pushed, name)
	head, err := jwtstore.ReadHead(token)
	if token == "" || err != nil {
		return
	}
	items, err := f.op.store.Accounts()
	if err != nil || slices.ContainsFunc(items, func(it jwtstore.Item) bool { return it.Head.Subject == head.Subject }) {
		return
	}
	f.out.Warnf("account %q is gone here, and the server goes on serving it; delete it there with: nkeep push -R %s -u %s", name, head.Subject, f.conn.URL())
}

// noteOperator tells, once for each edit, that the server does not hear of it.
func (f *follower) noteOperator() {
	token, err := f.op.store.Operator()
	if err != nil || token == f.operator {
		return
	}
	f.operator = token
	f.out.Warnf("operator %q was changed, and the server still trusts what it was: end this with Ctrl-C, and start it again", f.op.store.Name)
}

// showEvent shows what concerns people, leaving out nkeep's own connections.
func (f *follower) showEvent(e resolver.Event) {
	switch e.Kind {
	case resolver.EventConnect, resolver.EventDisconnect, resolver.EventAuthError:
		if e.Client.Name == upClientName || e.Kind == resolver.EventDisconnect && e.Reason == loginFailed {
			return
		}
	case resolver.EventClaimsUpdate, resolver.EventLeafnode, resolver.EventLost, resolver.EventShutdown, resolver.EventCertRefused, resolver.EventCertInvalid:
	case resolver.EventConnections, resolver.EventLameDuck, resolver.EventServerStats, resolver.EventUnknown:
		return
	}
	if err := f.out.ShowLine(upEvent{f.show.view(e)}); err != nil {
		f.out.Warnf("%v", err)
	}
}
