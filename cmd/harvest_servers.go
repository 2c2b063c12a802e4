package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"nkeep/claims"
	"nkeep/resolver"
)

// pullPatience is how long a pull goes on without anything that could be let in. Where
// servers were slow to say what they have, it begins with what is left of pullTime, or
// with the time of one answer. So it is bounded what a server can cost that has
// nothing to say, and says it at length.
const (
	pullPatience = 10 * time.Second
	pullTime     = 16 * time.Second
)

var errNothingUseful = errors.New("what servers send is not what was asked for, or nothing at all")

// takeOperators compares the operators that servers trust. A user that may not ask
// that can read accounts nevertheless.
func (h *harvest) takeOperators() {
	said := false
	for _, s := range h.servers {
		said = said || len(s.Operators) > 0
		h.trusted(s)
	}
	if !said {
		h.op.app.out.Warnf("which operator servers trust is not known: they do not say, or not to this user")
	}
}

// trusted takes what one server says about the operators that it trusts. One that was
// not configured with their tokens has nothing to compare.
func (h *harvest) trusted(s resolver.Profile) {
	tokens := 0
	for _, o := range s.Operators {
		if o.Token == "" {
			continue
		}
		tokens++
		if oc, err := claims.ReadOperator(o.Token); err == nil && oc.Subject == h.op.claims.Subject {
			h.takeOperator(s.Name, o.Token)
			return
		}
	}
	if tokens > 0 {
		h.operators = append(h.operators, foundOperator{
			source: s.Name, err: fmt.Errorf("operator %q: is not among the %d that the server trusts", h.op.store.Name, tokens),
		})
	}
}

// stores are the servers that keep every account, or may do so.
func (h *harvest) stores() []resolver.Server {
	return serversOf(h.servers, resolver.KindFull, resolver.KindUnknown)
}

// caches are the servers that keep the accounts that are used there.
func (h *harvest) caches() []resolver.Server { return serversOf(h.servers, resolver.KindCache) }

// elsewhere names the servers that have their accounts from elsewhere: they cannot
// tell which.
func (h *harvest) elsewhere() []string {
	var names []string
	for _, s := range serversOf(h.servers, resolver.KindOther) {
		names = append(names, s.Name)
	}
	return names
}

// plain are the servers without what else is known of them.
func (h *harvest) plain() []resolver.Server {
	servers := make([]resolver.Server, len(h.servers))
	for i, s := range h.servers {
		servers[i] = s.Server
	}
	return servers
}

// readAccounts reads the stored copies of all accounts, or of the one that is
// asked for. Where no server keeps a store, what is in force has to do.
func (h *harvest) readAccounts(ctx context.Context, conn *resolver.Conn) error {
	ids := []string{h.only}
	if h.only == "" {
		listed, err := h.list(ctx, conn)
		if err != nil {
			return err
		}
		ids = listed
	}
	if len(h.stores()) == 0 {
		return h.inForce(ctx, conn)
	}
	bar := h.op.app.out.Progress(len(ids), "reading accounts")
	defer bar.Done()
	err := h.judging(ctx, func(ctx context.Context, take func(public, token string)) error {
		last := ""
		return conn.LookupEach(ctx, ids, len(h.stores())-len(h.silent), func(public, token string) {
			if public != last {
				bar.Add(1)
			}
			last = public
			take(public, token)
		})
	})
	if errors.Is(err, resolver.ErrNoResolver) { // kinds that are not known
		return h.inForce(ctx, conn)
	}
	return err
}

// list asks the servers that keep accounts which, and returns those that are in a
// store. What is in a cache alone is noted: nobody hands it out.
func (h *harvest) list(ctx context.Context, conn *resolver.Conn) ([]string, error) {
	stores := h.stores()
	keepers := append(h.caches(), stores...)
	if len(keepers) == 0 {
		return nil, nil
	}
	var err error
	if h.lists, err = conn.List(ctx, keepers); err != nil && !errors.Is(err, resolver.ErrNoResolver) {
		return nil, err
	}
	var ids []string
	for _, l := range h.lists {
		if !slices.ContainsFunc(stores, func(s resolver.Server) bool { return s.ID == l.Server.ID }) {
			for _, public := range l.Accounts {
				h.cached[public] = append(h.cached[public], l.Server.Name)
			}
			continue
		}
		if l.Silent {
			h.silent = append(h.silent, l.Server.Name)
		}
		ids = append(ids, l.Accounts...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, public := range ids {
		h.expect(public)
	}
	return ids, nil
}

// inForce reads what servers apply of the accounts that are known here: those
// with a memory or URL resolver have no list.
func (h *harvest) inForce(ctx context.Context, conn *resolver.Conn) error {
	h.partial, h.loaded = true, true
	return h.judging(ctx, func(ctx context.Context, take func(public, token string)) error {
		return conn.InForceEach(ctx, h.localKeys(), h.plain(), func(public string, f resolver.InForce) { take(public, f.Token) })
	})
}

// judging judges copies on all processors while read fetches them, and ends that
// when nothing comes of it.
func (h *harvest) judging(ctx context.Context, read func(ctx context.Context, take func(public, token string)) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	left := pullTime - h.op.app.env.Now().Sub(h.began)
	stall := time.AfterFunc(min(max(left, answerTime), pullPatience), func() { cancel(errNothingUseful) })
	defer stall.Stop()
	h.onTaken = func() { stall.Reset(pullPatience) }
	defer func() { h.onTaken = func() {} }()
	type copied struct{ public, token string }
	copies := make(chan copied, 32) // a token may have a megabyte
	var judges sync.WaitGroup
	for range cap(newCrew()) {
		judges.Go(func() {
			for c := range copies {
				h.take(c.public, c.token)
			}
		})
	}
	err := read(ctx, func(public, token string) {
		if token == "" {
			return
		}
		select {
		case copies <- copied{public, token}:
		case <-ctx.Done():
		}
	})
	close(copies)
	judges.Wait()
	return err
}
