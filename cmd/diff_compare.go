package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// comparison is what servers apply and store beside what is here.
type comparison struct {
	*harvest
	told     bool // somebody keeps a store, and said what is in it
	accounts map[string]*compared
}

// compared is one account.
type compared struct {
	mine    jwt.Claims     // nil where it is not here, or broken
	lacking []string       // servers that keep all accounts, and not this one
	listed  int            // servers that store it
	force   []diffServer   // servers where something else is in force
	unsure  []diffServer   // servers that did not say what is
	idle    []string       // servers without a store where it is not loaded
	loaded  int            // servers where what is here is in force
	copies  map[string]int // stored tokens that are not the one here
	same    int            // stored tokens that are
	failure error          // why it cannot be compared
}

func newComparison(h *harvest) *comparison {
	return &comparison{harvest: h, accounts: map[string]*compared{}}
}

func (c *comparison) account(public string) *compared {
	a := c.accounts[public]
	if a == nil {
		a = &compared{copies: map[string]int{}}
		if local, ok := c.local[public]; ok {
			if ac, err := claims.ReadAccount(local.token); err == nil {
				a.mine = ac
			} else {
				a.failure = err
			}
		}
		c.accounts[public] = a
	}
	return a
}

// askServers asks every server what it trusts, lists, applies and stores.
func (o *diff) askServers(ctx context.Context, w *workspace, c *comparison) error {
	conn, err := o.visit(ctx, w, c.harvest, "nkeep diff", "comparing with")
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.readLists(ctx, conn); err != nil {
		return err
	}
	return c.readCopies(ctx, conn)
}

// readLists finds out which servers store each account, and which do not. What a
// server has in its cache is compared where it is in force; if nobody here knows of
// it, that tells of it.
func (c *comparison) readLists(ctx context.Context, conn *resolver.Conn) error {
	ids, err := c.list(ctx, conn)
	for _, public := range append(ids, c.localKeys()...) {
		c.account(public)
	}
	for public := range c.cached {
		c.account(public)
	}
	for public := range c.accounts {
		if c.only != "" && c.only != public {
			delete(c.accounts, public)
		}
	}
	stores := c.stores()
	for _, l := range c.lists {
		if l.Silent || !slices.Contains(stores, l.Server) {
			continue
		}
		c.told = true
		for public, a := range c.accounts {
			if _, has := slices.BinarySearch(l.Accounts, public); has {
				a.listed++
			} else {
				a.lacking = append(a.lacking, l.Server.Name)
			}
		}
	}
	return err
}

// readCopies reads what is in force, and what is stored.
func (c *comparison) readCopies(ctx context.Context, conn *resolver.Conn) error {
	ids := make([]string, 0, len(c.accounts))
	for public := range c.accounts {
		ids = append(ids, public)
	}
	const each = 20 * time.Millisecond // ten times what a busy server needs
	ctx, cancel := context.WithTimeoutCause(ctx, pullPatience+time.Duration(len(ids))*each, errNothingUseful)
	defer cancel()
	bar := c.op.app.out.Progress(len(ids)*len(c.servers), "comparing accounts")
	defer bar.Done()
	stores := c.stores()
	keeps := map[string]bool{}
	for _, s := range stores {
		keeps[s.ID] = true
	}
	err := conn.InForceEach(ctx, ids, c.plain(), func(public string, f resolver.InForce) {
		bar.Add(1)
		c.inForce(public, f, keeps[f.Server.ID])
	})
	if err != nil || !c.told {
		return err
	}
	err = conn.LookupEach(ctx, ids, len(stores)-len(c.silent), c.stored)
	if errors.Is(err, resolver.ErrNoResolver) { // kinds that are not known
		return nil
	}
	return err
}

// inForce compares what one server applies, which keeps all accounts or does not.
func (c *comparison) inForce(public string, f resolver.InForce, keeps bool) {
	a := c.account(public)
	local := c.local[public].token
	d := diffServer{Server: f.Server.Name, State: string(f.State), Message: f.Message}
	switch f.State {
	case resolver.NotLoaded:
		if !keeps {
			a.idle = append(a.idle, f.Server.Name)
		}
		return
	case resolver.Loaded:
		if f.Token == local {
			a.loaded++
			return
		}
		d.Changes, d.Issued, d.Message = a.differences(f.Token)
		if len(d.Changes) == 0 && d.Message == "" { // signed again, and says the same
			a.loaded++
			return
		}
		a.force = append(a.force, d)
	case resolver.Failed, resolver.NoReply:
		a.unsure = append(a.unsure, d)
	}
}

// stored counts a stored copy.
func (c *comparison) stored(public, token string) {
	a := c.account(public)
	switch {
	case token == "":
	case token == c.local[public].token:
		a.same++
	case a.copies[token] > 0 || len(a.copies) < maxCopies:
		a.copies[token]++
	}
}

// takeFound counts the copies that an account server had.
func (c *comparison) takeFound() {
	c.told = true
	for _, public := range c.localKeys() {
		c.account(public)
	}
	for public, f := range c.found {
		a := c.account(public)
		if len(f.tokens) == 0 && f.err != nil {
			a.failure = f.err
		}
		for _, token := range f.tokens {
			a.listed++
			c.stored(public, token)
		}
	}
}

// differences are the changes from a foreign token to what is here, and why it
// cannot be compared.
func (a *compared) differences(token string) (changes []claims.Change, issued render.Time, problem string) {
	head, err := jwtstore.ReadHead(token)
	if err == nil {
		issued = render.Time(head.IssuedAt)
	}
	theirs, err := claims.ReadAccount(token)
	if err != nil {
		return nil, issued, err.Error()
	}
	if a.mine == nil {
		return nil, issued, "is not here"
	}
	changes, err = claims.Diff(theirs, a.mine)
	if err != nil {
		return nil, issued, err.Error()
	}
	return explicit(changes), issued, ""
}
