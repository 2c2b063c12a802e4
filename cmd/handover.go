package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"nkeep/claims"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// handoverTime is how long the account server of a managed store may take for an
// account. The store is locked meanwhile: what is sent was read from it, and what
// comes back is written to it, and an edit in between would be lost.
const handoverTime = 10 * time.Second

// What became of an account that signed itself in a managed store.
const (
	handoverSigned   = "signed"   // the operator signed it: that is stored
	handoverDeferred = "deferred" // he has it, and will sign it later
	handoverKept     = "kept"     // it waits here: there is no HTTP account server
)

// handover is what the account server of a managed store made of an account.
type handover struct {
	URL     string          `json:"url,omitempty"`
	Outcome string          `json:"outcome"`
	Message string          `json:"message,omitempty"` // the server's words
	Changes []claims.Change `json:"changes"`           // that the operator made
}

func (h *handover) text(t *render.Text) {
	switch h.Outcome {
	case handoverSigned:
		t.Linef("  %-11s %s", "signed at", h.URL)
	case handoverDeferred:
		t.Linef("  %-11s %s, which has not signed it yet", "handed to", h.URL)
	}
	t.Changes(h.Changes, ", by the operator")
}

// signedHere is an account that was signed here, and is staged.
type signedHere struct {
	name            string
	claims          *jwt.AccountClaims
	token, previous string
}

// handOver gives an account of a managed store to the account server of its
// operator, and stages what comes back in the place of what was signed here. What
// the server refuses ends the change, so that nothing is stored.
func (c *change) handOver(op *operator, s signedHere, e *entity) error {
	if !op.store.Managed {
		return nil
	}
	base := op.claims.AccountServerURL
	if !isHTTP(base) {
		e.Server = &handover{Outcome: handoverKept}
		c.w.adviseKept(op, s)
		return nil
	}
	e.Server = &handover{URL: resolver.Redact(base), Outcome: handoverDeferred}
	answered := c.w.app.noteLater(time.Second, fmt.Sprintf("waiting for the account server of operator %q", op.store.Name))
	result, answer, err := c.server.exchange(base, s)
	answered()
	if _, ours := errors.AsType[*resolver.TLSError](err); ours { // the server has no part in that
		return err
	}
	if err != nil {
		return withHint(fmt.Errorf("account %q: hand it to the account server of operator %q: %w", s.name, op.store.Name, err), "nothing was stored here; try it again later")
	}
	e.Server.Message = result.Message
	switch {
	case result.Outcome == resolver.Rejected:
		return withHint(fmt.Errorf("account %q: the account server of operator %q refused it with status %d%s", s.name, op.store.Name, result.Status, inItsWords(result.Message)), "nothing was stored")
	case result.Outcome == resolver.Deferred:
		c.w.adviseDeferred(op, s, "signs it later"+inItsWords(result.Message))
		return nil
	case answer.failed != "":
		c.w.adviseDeferred(op, s, "took it, and did not hand it back: "+answer.failed)
		return nil
	case answer.token == s.token && claims.IsSelfSigned(s.claims):
		c.w.adviseDeferred(op, s, "took it, and has not signed it yet")
		return nil
	}
	return c.takeBack(op, s, answer.token, e)
}

// takeBack stages an account that came back signed.
func (c *change) takeBack(op *operator, s signedHere, token string, e *entity) error {
	back, err := op.accountOutside(token, s.claims.Subject)
	if err == nil {
		e.Server.Changes, err = claims.Countersigned(s.claims, back.claims)
	}
	switch {
	case err != nil && token == s.previous:
		e.Server.Changes = nil
		c.w.adviseDeferred(op, s, "took it, and hands out what it had before")
		return nil
	case err != nil:
		return withHint(fmt.Errorf("account %q: what the account server of operator %q hands out for it is not to be trusted: %w", s.name, op.store.Name, err),
			"nothing was stored here; tell whoever runs it")
	}
	if _, err := c.tokens.PutAccount(op.store.Name, s.name, token); err != nil {
		return err
	}
	e.Server.Outcome, e.Server.Changes = handoverSigned, explicit(e.Server.Changes)
	e.Issuer, e.Expires = back.claims.Issuer, render.Time(back.claims.Expires)
	return nil
}

func (w *workspace) adviseKept(op *operator, s signedHere) {
	if !claims.IsSelfSigned(s.claims) {
		return
	}
	why := "has no account server"
	if op.claims.AccountServerURL != "" {
		why = "has an account server that is reached over NATS"
	}
	w.app.out.Notef("account %q signs itself: operator %q %s, so hand its token to whoever runs it, and take over what comes back: nkeep describe account %q --raw, nkeep import account --overwrite --file FILE",
		s.name, op.store.Name, why, s.name)
}

func (w *workspace) adviseDeferred(op *operator, s signedHere, what string) {
	w.app.out.Warnf("account %q: the account server of operator %q %s; what was signed here is stored meanwhile; take over what it signs with: nkeep pull -a %q", s.name, op.store.Name, what, s.name)
}

// courier goes to an account server, for each account within [handoverTime].
type courier struct {
	dial  func() (*resolver.HTTP, error)
	begin func() (context.Context, context.CancelFunc)
	taken []string // accounts that the server has
	used  *resolver.HTTP
}

func newCourier(ctx context.Context, dial func() (*resolver.HTTP, error)) *courier {
	c := &courier{begin: func() (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, handoverTime) }}
	c.dial = sync.OnceValues(func() (h *resolver.HTTP, err error) {
		c.used, err = dial()
		return c.used, err
	})
	return c
}

func (c *courier) close() {
	if c.used != nil {
		c.used.Close()
	}
}

// handedBack is what a server hands out for an account that it has taken.
type handedBack struct {
	token  string
	failed string // why there is none
}

// exchange posts an account, and gets it back if the server took it.
func (c *courier) exchange(base string, s signedHere) (result resolver.HTTPResult, answer handedBack, err error) {
	h, err := c.dial()
	if err != nil {
		return result, answer, err
	}
	ctx, cancel := c.begin()
	defer cancel()
	result, err = h.PostAccount(ctx, base, s.claims.Subject, s.token)
	if err != nil {
		return result, answer, inTime(err)
	}
	if result.Outcome == resolver.Rejected {
		return result, answer, nil
	}
	c.taken = append(c.taken, s.name)
	if result.Outcome == resolver.Deferred {
		return result, answer, nil
	}
	address, err := url.JoinPath(base, "accounts", s.claims.Subject)
	if err != nil {
		return result, answer, err
	}
	token, err := h.Fetch(ctx, address)
	if errors.Is(err, context.Canceled) {
		return result, answer, err
	}
	if err != nil {
		answer.failed = inTime(err).Error()
	}
	answer.token = string(token)
	return result, answer, nil
}

// inTime puts the end of the time into words.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("it did not answer within %s", handoverTime)
	}
	return err
}

// warnTaken tells of a change that came to nothing after a server took its part.
func (a *app) warnTaken(accounts []string) {
	if len(accounts) > 0 {
		a.out.Warnf("the account server has taken what is not stored here now, of %s: repeat the command, or take over what it has with: nkeep pull", firstOf(accounts, 5))
	}
}
