package cmd

import (
	"context"
	"errors"
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
	stores   bool // servers keep stores, and said what is in them
	accounts map[string]*compared
}

// compared is one account.
type compared struct {
	mine    jwt.Claims     // nil where it is not here, or broken
	listed  int            // servers that store it
	force   []diffServer   // servers where something else is in force
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
	conn, err := c.visit(ctx, w, &o.online, "nkeep diff", "comparing with")
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.readLists(ctx, conn); err != nil {
		return err
	}
	return c.readCopies(ctx, conn)
}

// readLists counts the servers that store each account.
func (c *comparison) readLists(ctx context.Context, conn *resolver.Conn) error {
	_, err := c.list(ctx, conn)
	if errors.Is(err, resolver.ErrNoResolver) {
		c.partial = true
		err = nil
	}
	for _, l := range c.lists {
		c.stores = c.stores || !l.Silent
		for _, public := range l.Accounts {
			if c.only == "" || c.only == public {
				c.account(public).listed++
			}
		}
	}
	for _, public := range c.localKeys() {
		c.account(public)
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
	err := conn.InForceEach(ctx, ids, c.servers, func(public string, f resolver.InForce) {
		bar.Add(1)
		c.inForce(public, f)
	})
	if err != nil || !c.stores {
		return err
	}
	err = conn.LookupEach(ctx, ids, len(c.servers)-len(c.silent), c.stored)
	if errors.Is(err, resolver.ErrNoResolver) { // a caching resolver lists, and hands nothing out
		return nil
	}
	return err
}

// inForce compares what one server applies.
func (c *comparison) inForce(public string, f resolver.InForce) {
	a := c.account(public)
	local := c.local[public].token
	d := diffServer{Server: f.Server.Name, State: string(f.State), Message: f.Message}
	switch f.State {
	case resolver.NotLoaded:
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
	case resolver.Failed, resolver.NoReply:
	}
	a.force = append(a.force, d)
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
	c.stores = true
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
