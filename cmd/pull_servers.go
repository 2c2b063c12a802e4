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

// pullPatience is how long a pull goes on without anything that could be let in. It
// bounds what a server can cost that has nothing to say, and says it at length.
const pullPatience = 10 * time.Second

var errNothingUseful = errors.New("what servers send is not what was asked for, or nothing at all")

// fromServers asks every server what it has, and which operator it trusts.
func (o *pull) fromServers(ctx context.Context, w *workspace, h *harvest) error {
	conn, err := h.visit(ctx, w, &o.online, "nkeep pull", "pulling from")
	if err != nil {
		return err
	}
	defer conn.Close()
	return h.readAccounts(ctx, conn)
}

// visit connects to the servers, and asks who they are and which operator they trust.
func (h *harvest) visit(ctx context.Context, w *workspace, online *onlineFlags, client, doing string) (*resolver.Conn, error) {
	var named []string
	if h.only != "" {
		named = []string{h.only}
	}
	pub, sub := resolver.PullPermissions(named...)
	conn, err := online.dial(ctx, w, h.op, errand{client: client, doing: doing, pub: pub, sub: sub})
	if err != nil {
		return nil, err
	}
	roll, err := online.rollCall(ctx, conn)
	if err == nil {
		h.servers, h.missing = roll.Servers, roll.Missing
		err = h.readOperators(ctx, conn)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// readOperators compares the operators that servers trust. A user that may not ask
// that can read accounts nevertheless.
func (h *harvest) readOperators(ctx context.Context, conn *resolver.Conn) error {
	trusted, err := conn.Trusted(ctx, h.servers)
	if errors.Is(err, resolver.ErrPermission) {
		h.op.app.out.Warnf("which operator servers trust is not known: %v", err)
		return nil
	}
	for _, t := range trusted {
		h.trusted(t)
	}
	return err
}

// trusted takes what one server says about the operators that it trusts.
func (h *harvest) trusted(t resolver.Trusted) {
	if len(t.Operators) == 0 {
		return
	}
	for _, token := range t.Operators {
		if oc, err := claims.ReadOperator(token); err == nil && oc.Subject == h.op.claims.Subject {
			h.takeOperator(t.Server.Name, token)
			return
		}
	}
	h.operators = append(h.operators, foundOperator{
		source: t.Server.Name, err: fmt.Errorf("operator %q: is not among the %d that the server trusts", h.op.store.Name, len(t.Operators)),
	})
}

// readAccounts reads the stored copies of all accounts, or of the one that is
// asked for. Where no server keeps a store, what is in force has to do.
func (h *harvest) readAccounts(ctx context.Context, conn *resolver.Conn) error {
	ids := []string{h.only}
	if h.only == "" {
		listed, err := h.list(ctx, conn)
		if errors.Is(err, resolver.ErrNoResolver) {
			return h.inForce(ctx, conn)
		}
		if err != nil {
			return err
		}
		ids = listed
	}
	bar := h.op.app.out.Progress(len(ids), "reading accounts")
	defer bar.Done()
	err := h.judging(ctx, func(ctx context.Context, take func(public, token string)) error {
		last := ""
		return conn.LookupEach(ctx, ids, len(h.servers)-len(h.silent), func(public, token string) {
			if public != last {
				bar.Add(1)
			}
			last = public
			take(public, token)
		})
	})
	if errors.Is(err, resolver.ErrNoResolver) {
		return h.inForce(ctx, conn)
	}
	return err
}

// list asks every server which accounts it stores.
func (h *harvest) list(ctx context.Context, conn *resolver.Conn) ([]string, error) {
	var err error
	if h.lists, err = conn.List(ctx, h.servers); err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range h.lists {
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
		return conn.InForceEach(ctx, h.localKeys(), h.servers, func(public string, f resolver.InForce) { take(public, f.Token) })
	})
}

// judging judges copies on all processors while read fetches them, and ends that
// when nothing comes of it.
func (h *harvest) judging(ctx context.Context, read func(ctx context.Context, take func(public, token string)) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(pullPatience, func() { cancel(errNothingUseful) })
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
