package accountserver

import (
	"context"
	"errors"
	"iter"
	"time"

	"nkeep/resolver"

	"golang.org/x/sync/errgroup"
)

// answersAs is by what name answers on the wire are signed.
const answersAs = "nkeep serve"

// Pauses between attempts to reach the servers.
const (
	retryFirst = 250 * time.Millisecond
	retryLast  = 10 * time.Second
)

// Bridge answers nats-servers on the wire, and tells them of accounts that have
// changed, until ctx ends. Since servers that are configured with this account
// server start after it, dial is called until it succeeds, and again when the
// connection is lost for good. It must be called before [Server.Follow].
type Bridge struct {
	server  *Server
	dial    func(context.Context) (*resolver.Conn, error)
	pending chan []resolver.Account
}

// NewBridge makes the server tell the nats-servers that dial reaches.
func (s *Server) NewBridge(dial func(context.Context) (*resolver.Conn, error)) *Bridge {
	b := &Bridge{server: s, dial: dial, pending: make(chan []resolver.Account, 1)}
	s.notify = b.add
	return b
}

// add leaves accounts for the bridge to tell of; it never waits.
func (b *Bridge) add(accounts []resolver.Account) {
	for {
		select {
		case b.pending <- accounts:
			return
		case earlier := <-b.pending:
			accounts = newest(earlier, accounts)
		}
	}
}

// newest joins accounts; of those that are in both the later ones stay.
func newest(earlier, later []resolver.Account) []resolver.Account {
	named := make(map[string]bool, len(later))
	for _, a := range later {
		named[a.ID] = true
	}
	for _, a := range earlier {
		if !named[a.ID] {
			later = append(later, a)
		}
	}
	return later
}

// Run works until ctx ends.
func (b *Bridge) Run(ctx context.Context) error {
	for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, retryLast) {
		conn, err := b.dial(ctx)
		if err == nil {
			begun := b.server.o.Now()
			err = b.work(ctx, conn)
			if b.server.o.Now().Sub(begun) > retryLast { // else it is of no use, and would be again
				wait = retryFirst
			}
		}
		b.pause(ctx, wait, err)
	}
	return nil
}

// pause waits before the next attempt, unless there is none.
func (b *Bridge) pause(ctx context.Context, wait time.Duration, failed error) {
	if ctx.Err() != nil {
		return
	}
	if errors.Is(failed, resolver.ErrPermission) {
		b.server.log.Error("the user may not do what an account server does; trying again", "error", failed, "in", wait)
	} else {
		b.server.log.Warn("servers are not reached; trying again", "error", failed, "in", wait)
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// work uses one connection until it is lost.
func (b *Bridge) work(ctx context.Context, conn *resolver.Conn) error {
	defer conn.Close()
	b.server.log.Info("connected", "url", conn.URL())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return conn.Answer(ctx, b.answers()) })
	group.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case accounts := <-b.pending:
				if err := b.send(ctx, conn, accounts); err != nil {
					b.add(accounts)
					return err
				}
			}
		}
	})
	return group.Wait()
}

// send tells every server, whatever its resolver. Those that have not loaded an
// account skip it: they will ask.
func (b *Bridge) send(ctx context.Context, conn *resolver.Conn, accounts []resolver.Account) error {
	summary, err := conn.UpdateLoaded(ctx, accounts, resolver.PushOptions{OnResult: func(r resolver.Result) {
		if r.Outcome == resolver.Rejected || r.Outcome == resolver.Silent {
			b.server.log.Warn("server did not take an account", "account", r.Account, "server", r.Server.Name, "outcome", r.Outcome, "message", r.Message)
		}
	}})
	if err != nil {
		return err
	}
	b.server.metrics.notices.Add(len(accounts))
	b.server.log.Info("servers told", "accounts", len(accounts), "took", summary.Elapsed)
	return nil
}

func (b *Bridge) answers() resolver.Answers {
	s := b.server
	a := resolver.Answers{
		Name:  answersAs,
		Ready: func() { s.log.Info("answering") },
		Lookup: func(accountID string) string {
			h, err := s.book.account(accountID)
			if err != nil {
				return ""
			}
			return h.token
		},
		All: func() iter.Seq[resolver.Account] {
			return func(yield func(resolver.Account) bool) {
				for h := range s.accounts() {
					if !yield(resolver.Account{ID: h.subject, Token: h.token}) {
						return
					}
				}
			}
		},
	}
	if s.o.Write {
		a.Update = s.pushed
	}
	return a
}

// pushed is take for what arrives on the wire.
func (s *Server) pushed(ctx context.Context, accountID, token string) (id, message string, err error) {
	t, err := s.take(ctx, token, accountID)
	switch {
	case err != nil:
		s.log.Warn("account refused", "account", accountID, "error", err)
		return accountID, "", err
	case t.changed:
		s.log.Info("account pushed", "account", t.account, "name", t.name)
		return t.account, "jwt updated", nil
	}
	return t.account, "jwt is the one that is stored", nil
}

// tell passes accounts that have changed on, if there is anybody to tell.
func (s *Server) tell(accounts ...resolver.Account) {
	if len(accounts) == 0 {
		return
	}
	s.metrics.changes.Add(len(accounts))
	if s.notify != nil {
		s.notify(accounts)
	}
}
