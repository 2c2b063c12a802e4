package accountserver

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// rememberedBytes is how many bytes of tokens are remembered; all others are
// read when they are asked for.
const rememberedBytes = 16 << 20

// id is a public key of an account without its spelling: a third of the memory.
type id [32]byte

func idOf(public string) (id, bool) {
	raw, err := nkeys.Decode(nkeys.PrefixByteAccount, []byte(public))
	if err != nil || len(raw) != len(id{}) {
		return id{}, false
	}
	return id(raw), true
}

// public is the key as it is written.
func (k id) public() string {
	public, err := nkeys.Encode(nkeys.PrefixByteAccount, k[:])
	if err != nil {
		return "" // of 32 bytes and a known prefix, none fails
	}
	return string(public)
}

// held is a verified token, ready to go out.
type held struct {
	token string
	head
	stamp   jwtstore.Stamp
	settled bool // the stamp proves that it is still what lies there
}

// head is what answers say about a token.
type head struct {
	name, subject, jti string
	issued, expires    int64 // Unix seconds
}

func headOf(ac *jwt.AccountClaims) head {
	return head{ac.Name, ac.Subject, ac.ID, ac.IssuedAt, ac.Expires}
}

// book finds accounts by their public keys. It is safe for many goroutines.
type book struct {
	store *jwtstore.Store
	now   func() time.Time

	mu    sync.RWMutex
	pages map[id]*page
	held  map[id]*held
	bytes int // of the tokens held

	index index
}

func newBook(store *jwtstore.Store, now func() time.Time) *book {
	return &book{store: store, now: now, pages: map[id]*page{}, held: map[id]*held{}}
}

// errUnknown is the answer for a key of no account.
var errUnknown = fmt.Errorf("account: %w", fs.ErrNotExist)

// operator is the operator's token, verified each time: it is asked for seldom.
func (b *book) operator() (*jwt.OperatorClaims, string, error) {
	token, err := b.store.Operator()
	if err != nil {
		return nil, "", err
	}
	oc, err := claims.VerifyOperator(token)
	return oc, token, err
}

// nameOf is what the store calls an account that is in the book.
func (b *book) nameOf(public string) string {
	key, _ := idOf(public)
	b.mu.RLock()
	defer b.mu.RUnlock()
	if p := b.pages[key]; p != nil {
		return p.name
	}
	return ""
}

// account is the verified token of an account as it lies in the store now.
func (b *book) account(public string) (*held, error) {
	key, ok := idOf(public)
	if !ok {
		return nil, errUnknown
	}
	h, err := b.current(key, public)
	if !errors.Is(err, errUnknown) {
		return h, err
	}
	if listed, err := b.list(); !listed || err != nil {
		return nil, errors.Join(err, errUnknown)
	}
	return b.current(key, public)
}

// current is the token of an account that has a name in the book.
func (b *book) current(key id, public string) (*held, error) {
	b.mu.RLock()
	p, h := b.pages[key], b.held[key]
	b.mu.RUnlock()
	if p == nil {
		return nil, errUnknown
	}
	if h != nil && h.settled {
		if stamp, err := b.store.AccountStamp(p.name); err == nil && stamp == h.stamp {
			return h, nil
		}
	}
	return b.read(key, public, p.name)
}

// read opens and verifies the token of an account.
func (b *book) read(key id, public, name string) (*held, error) {
	token, stamp, err := b.store.StampedAccount(name)
	if errors.Is(err, fs.ErrNotExist) {
		b.forget(key)
		return nil, errUnknown
	}
	if err != nil {
		return nil, err
	}
	oc, _, err := b.operator()
	if err != nil {
		return nil, err
	}
	ac, err := claims.VerifyAccount(token, oc, false)
	if err != nil {
		return nil, err
	}
	if ac.Subject != public { // another account has taken the name
		b.forget(key)
		return nil, errUnknown
	}
	h := &held{token: token, head: headOf(ac), stamp: stamp, settled: stamp.Settled(b.now())}
	b.remember(key, h)
	return h, nil
}

// remember keeps a token, and lets others go when there are too many: which
// ones is left to chance, as good as any rule where servers ask for everything.
func (b *book) remember(key id, h *held) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
	b.held[key] = h
	b.bytes += len(h.token)
	for other := range b.held {
		if b.bytes <= rememberedBytes {
			break
		}
		if other != key {
			b.drop(other)
		}
	}
}

func (b *book) forget(key id) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
	delete(b.pages, key)
}

// remembered is the bytes of the tokens that are held.
func (b *book) remembered() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.bytes
}

// drop expects the lock to be held.
func (b *book) drop(key id) {
	if h := b.held[key]; h != nil {
		b.bytes -= len(h.token)
		delete(b.held, key)
	}
}
