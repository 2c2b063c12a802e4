package accountserver

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// Bounds of what the page costs: it is for people, and opens every account.
const (
	digestAccounts = 10_000
	digestLasts    = 2 * time.Second // at least, for everybody who asks meanwhile
	digestShare    = 10              // of the time it may take one part in so many
)

// digest is what the page says of the accounts, as they were a moment ago.
type digest struct {
	operator head
	at       time.Time
	total    int // accounts there are, of which the first were read
	accounts []summary
	links    []link
}

// summary is an account.
type summary struct {
	head
	exports, imports int
}

// link is an import: to has it from from, which is a name, or the key of an account
// that is not here.
type link struct {
	from, to, subject string
	service, unknown  bool
}

// digestCache keeps a digest for a while, so that nobody can keep the server busy
// with it.
type digestCache struct {
	mu    sync.Mutex
	last  *digest
	until time.Time
}

// digest is at most a moment old.
func (s *Server) digest() (*digest, error) {
	c := &s.digests
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := s.o.Now()
	if c.last != nil && begun.Before(c.until) {
		return c.last, nil
	}
	d, err := s.newDigest(begun)
	if err != nil {
		return nil, err
	}
	end := s.o.Now()
	c.last, c.until = d, end.Add(max(digestLasts, digestShare*end.Sub(begun)))
	return d, nil
}

func (s *Server) newDigest(now time.Time) (*digest, error) {
	oc, _, err := s.book.operator()
	if err != nil {
		return nil, err
	}
	d := &digest{operator: head{name: oc.Name, subject: oc.Subject}, at: now}
	if _, err := s.book.list(); err != nil {
		s.log.Error("cannot list the accounts", "error", err)
	}
	pages := s.book.byName()
	d.total = len(pages)
	names := make(map[string]string, len(pages))
	for _, p := range pages[:min(len(pages), digestAccounts)] {
		h, err := s.book.account(p.key.public())
		if err != nil {
			continue // the log of whoever asks for it says why
		}
		ac, err := claims.ReadAccount(h.token)
		if err != nil {
			continue
		}
		names[ac.Subject] = ac.Name
		d.accounts = append(d.accounts, summary{headOf(ac), len(ac.Exports), len(ac.Imports)})
		for _, im := range ac.Imports {
			d.links = append(d.links, link{from: im.Account, to: ac.Name, subject: string(im.Subject), service: im.Type == jwt.Service})
		}
	}
	d.name(names)
	return d, nil
}

// name puts names in place of keys, and things in order.
func (d *digest) name(names map[string]string) {
	for i, l := range d.links {
		if name := names[l.from]; name != "" {
			d.links[i].from = name
		} else {
			d.links[i].unknown = true
		}
	}
	slices.SortFunc(d.accounts, func(a, b summary) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(d.links, func(a, b link) int {
		return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.subject, b.subject), strings.Compare(a.to, b.to))
	})
}

// Standings of an account.
const (
	standingExpired = "expired"
	standingSoon    = "soon"
)

// soon is how far ahead an expiry is pointed out.
const soon = 30 * 24 * time.Hour

// standing is empty for an account that nobody needs to look after.
func (a summary) standing(now time.Time) string {
	switch left := time.Duration(a.expires-now.Unix()) * time.Second; {
	case a.expires == 0:
		return ""
	case left <= 0:
		return standingExpired
	case left < soon:
		return standingSoon
	}
	return ""
}

// lasts is until when, in Unix seconds.
func (a summary) lasts() int64 {
	if a.expires == 0 {
		return math.MaxInt64
	}
	return a.expires
}

// byName are the accounts in the order of their names.
func (b *book) byName() []*page {
	b.index.mu.Lock()
	defer b.index.mu.Unlock()
	return slices.Clone(b.index.pages)
}
