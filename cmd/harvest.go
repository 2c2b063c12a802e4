package cmd

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// harvest is what servers have: of each account the newest copy that is let in.
// Its methods may be called by several goroutines once it is known what is here.
type harvest struct {
	op    *operator
	began time.Time
	only  string // public key of the one account that is asked for; empty for all
	local map[string]localAccount
	names map[string]string // of the accounts here, by name: their public keys

	absence
	servers []resolver.Profile
	lists   []resolver.Listing
	cached  map[string][]string // servers with a cache that list an account, by its public key
	silent  []string            // servers that keep every account, and did not say which they have
	partial bool                // what is listed may not be all there is
	loaded  bool                // servers tell of what is in use there, and nothing else

	mu        sync.Mutex
	found     map[string]*foundAccount // by public key
	operators []foundOperator
	onTaken   func() // told of each copy that is let in or known already
}

// localAccount is an account in the store, unverified.
type localAccount struct{ name, token string }

// foundAccount is what servers have of one account.
type foundAccount struct {
	tokens []string // different copies, at most [maxCopies]
	newest *account // of those that are let in, and not the one here; nil for none
	tied   bool     // another copy of the same second says something else; newest has the greater id
	err    error    // why a copy was not let in, or could not be read
}

// foundOperator is the operator as one server knows it.
type foundOperator struct {
	source string // a server's name or a URL
	claims *jwt.OperatorClaims
	token  string
	err    error
}

// maxCopies bounds the different copies of one account that are looked at: no
// cluster in its senses has more than a few.
const maxCopies = 16

func newHarvest(op *operator) *harvest {
	return &harvest{op: op, began: op.app.env.Now(), local: map[string]localAccount{}, names: map[string]string{}, found: map[string]*foundAccount{}, cached: map[string][]string{}, onTaken: func() {}}
}

// readLocal reads the tokens of all accounts here. One that cannot be read is not
// known, and nothing takes its place.
func (h *harvest) readLocal(ctx context.Context) error {
	tokens, err := h.op.store.AccountTokens()
	if err != nil {
		return err
	}
	defer tokens.Close()
	names := tokens.Names()
	read, heads := make([]string, len(names)), make([]jwtstore.Head, len(names))
	err = inParallel(ctx, len(names), func(i int) (err error) {
		if read[i], err = tokens.Read(names[i]); err == nil {
			heads[i], err = jwtstore.ReadHead(read[i])
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			h.op.app.out.Warnf("account %q: cannot be read, and stays as it is: %v", names[i], err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		h.names[name] = heads[i].Subject
		if heads[i].Subject != "" {
			h.local[heads[i].Subject] = localAccount{name, read[i]}
		}
	}
	return nil
}

// readOne is readLocal for one account, whose public key it returns.
func (h *harvest) readOne(name string) (public string, err error) {
	token, err := h.op.store.Account(name)
	if err != nil {
		return "", withHint(err, "give its public key where it is not known here; list accounts with: nkeep list accounts")
	}
	head, err := jwtstore.ReadHead(token)
	if err != nil {
		return "", distrusted(h.op.store.AccountPath(name), err)
	}
	h.names[name] = head.Subject
	h.local[head.Subject] = localAccount{name, token}
	return head.Subject, nil
}

// localKeys are the public keys of the accounts here that are asked for.
func (h *harvest) localKeys() []string {
	if h.only != "" {
		return []string{h.only}
	}
	keys := make([]string, 0, len(h.local))
	for public := range h.local {
		keys = append(keys, public)
	}
	return keys
}

// expect makes room for an account that a server says it has.
func (h *harvest) expect(public string) {
	if h.found[public] == nil {
		h.found[public] = &foundAccount{}
	}
}

// take judges a copy of an account that a server has; an empty one is none. One
// that is the token here, word for word, is not verified: it is not stored.
func (h *harvest) take(public, token string) {
	if token == "" || !h.isNew(public, token) {
		return
	}
	if h.local[public].token == token {
		h.onTaken()
		return
	}
	ac, err := h.op.accountOutside(token, public)
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.found[public]
	if err != nil {
		f.err = err
		return
	}
	h.onTaken()
	switch {
	case f.newest == nil || ac.claims.IssuedAt > f.newest.claims.IssuedAt:
		f.newest, f.tied = ac, false
	case ac.claims.IssuedAt == f.newest.claims.IssuedAt:
		f.tied = f.tied || differ(ac.claims, f.newest.claims)
		if ac.claims.ID > f.newest.claims.ID { // whichever came first
			f.newest = ac
		}
	}
}

// isNew keeps a copy in mind, unless it is there already.
func (h *harvest) isNew(public, token string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expect(public)
	f := h.found[public]
	if f.has(token) || len(f.tokens) >= maxCopies {
		return false
	}
	f.tokens = append(f.tokens, token)
	return true
}

// fail keeps in mind that an account could not be read.
func (h *harvest) fail(public string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expect(public)
	h.found[public].err = err
}

// takeOperator judges the operator as a server knows it.
func (h *harvest) takeOperator(source, token string) {
	oc, err := operatorOutside(token, h.op.claims.Subject)
	h.operators = append(h.operators, foundOperator{source, oc, token, err})
}

// has tells whether a copy is the token here, word for word.
func (f *foundAccount) has(token string) bool { return slices.Contains(f.tokens, token) }

// differ tells whether claims say different things. Those that cannot be compared do.
func differ(a, b jwt.Claims) bool {
	changes, err := claims.Diff(a, b)
	return err != nil || len(changes) > 0
}
