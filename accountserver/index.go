package accountserver

import (
	"slices"
	"strings"
	"sync"
	"time"

	"nkeep/jwtstore"

	"golang.org/x/sync/singleflight"
)

// share is the part of the time that listing may take, one to so many, when
// strangers ask for keys of no account.
const share = 4

// page is one account as it was when the accounts were listed. It never changes.
type page struct {
	name  string // in the store
	key   id
	stamp jwtstore.Stamp
}

// index says how current the names in a book are.
type index struct {
	mu      sync.Mutex
	pages   []*page        // by name
	stamp   jwtstore.Stamp // of the directory, when it was listed
	settled bool           // the stamp proves that nothing was added since
	at      time.Time

	flight singleflight.Group
	pause  time.Duration // to be made before the next listing for strangers
}

func (p *page) compare(name string) int { return strings.Compare(p.name, name) }

// list brings the names up to date if an account may have been added or removed
// since, and reports whether it did. All who wait for it share one listing.
func (b *book) list() (bool, error) {
	if b.listed() {
		return false, nil
	}
	_, err, _ := b.index.flight.Do("", func() (any, error) {
		b.index.mu.Lock()
		pause := b.index.pause
		b.index.mu.Unlock()
		<-time.After(pause)
		begun := b.now()
		_, err := b.refresh()
		b.index.mu.Lock()
		defer b.index.mu.Unlock()
		b.index.pause = min(share*b.now().Sub(begun), time.Second)
		return nil, err
	})
	return err == nil, err
}

// listed reports whether nothing can have been added since the last listing.
func (b *book) listed() bool {
	b.index.mu.Lock()
	defer b.index.mu.Unlock()
	return b.index.settled && b.store.AccountsStamp() == b.index.stamp
}

// settle is list for whoever holds the lock of the store, so that nothing is
// added meanwhile: the directory as it was listed is proof enough.
func (b *book) settle() error {
	b.index.mu.Lock()
	defer b.index.mu.Unlock()
	stamp := b.store.AccountsStamp()
	if stamp == b.index.stamp {
		return nil
	}
	_, err := b.relist(b.now(), stamp)
	return err
}

// learn enters an account that was just written.
func (b *book) learn(name string) {
	b.index.mu.Lock()
	defer b.index.mu.Unlock()
	p, _, ok := b.look(name)
	if !ok {
		return
	}
	at, known := slices.BinarySearchFunc(b.index.pages, name, (*page).compare)
	if known {
		b.index.pages[at] = p
	} else {
		b.index.pages = slices.Insert(b.index.pages, at, p)
	}
	b.index.stamp, b.index.settled = b.store.AccountsStamp(), false
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[p.key] = p
}

// refresh lists the accounts in any case, and returns the keys of those whose
// tokens are not what they were.
func (b *book) refresh() (changed []string, err error) {
	b.index.mu.Lock()
	defer b.index.mu.Unlock()
	return b.relist(b.now(), b.store.AccountsStamp())
}

// relist expects the lock of the index to be held. It opens only tokens whose
// files have changed.
func (b *book) relist(now time.Time, stamp jwtstore.Stamp) (changed []string, err error) {
	names, err := b.store.AccountNames()
	if err != nil {
		return nil, err
	}
	old, first := b.index.pages, b.index.at.IsZero()
	fresh := make([]*page, 0, len(names))
	for _, name := range names { // sorted, as the pages are
		for len(old) > 0 && old[0].name < name {
			old = old[1:]
		}
		if len(old) > 0 && old[0].name == name && b.unchanged(old[0]) {
			fresh = append(fresh, old[0])
			continue
		}
		p, public, ok := b.look(name)
		if !ok { // a directory without a token, or gone meanwhile
			continue
		}
		fresh = append(fresh, p)
		if !first && (len(old) == 0 || *old[0] != *p) {
			changed = append(changed, public)
		}
	}
	b.adopt(fresh)
	b.index.pages, b.index.stamp, b.index.at = fresh, stamp, now
	b.index.settled = stamp.Settled(now)
	return changed, nil
}

// unchanged reports whether the stamp of a page proves that its token is the same
// as when it was listed.
func (b *book) unchanged(p *page) bool {
	stamp, err := b.store.AccountStamp(p.name)
	return err == nil && stamp == p.stamp && stamp.Settled(b.index.at)
}

// look reads which key an account has. What its token is worth is found out when
// it is asked for.
func (b *book) look(name string) (p *page, public string, ok bool) {
	token, stamp, err := b.store.StampedAccount(name)
	if err != nil {
		return nil, "", false
	}
	h, err := jwtstore.ReadHead(token)
	if err != nil {
		return nil, "", false
	}
	key, ok := idOf(h.Subject)
	return &page{name, key, stamp}, h.Subject, ok
}

// adopt makes the accounts those that were listed.
func (b *book) adopt(fresh []*page) {
	pages := make(map[id]*page, len(fresh))
	for _, p := range fresh {
		pages[p.key] = p
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages = pages
	for key := range b.held {
		if _, known := pages[key]; !known {
			b.drop(key)
		}
	}
}

// size is the number of accounts.
func (b *book) size() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.pages)
}
