package resolver

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// LookupEach asks the servers for their stored copies of many accounts, many at a
// time. It calls each with every copy, as the answers come and on the goroutine
// that called; signatures are unverified, and answers bear no server's name. An
// account of which no copy came is told once at the end of its time, with an
// empty token.
//
// As many as copies servers are expected to answer for each account; it is
// settled as soon as they have. Some of them may have no say in it, as those with
// a caching resolver: how many do not answer is learned from the first accounts,
// and does not cost time for the others. Where no server serves lookups the error
// is [ErrNoResolver].
func (c *Conn) LookupEach(ctx context.Context, accountIDs []string, copies int, each func(accountID, token string)) error {
	for _, id := range accountIDs {
		if err := checkAccountID(id); err != nil {
			return err
		}
	}
	box := c.newMailbox(prefixAccount)
	defer box.close()
	inbox, err := box.inbox()
	if err != nil {
		return err
	}
	l := &lookups{ids: accountIDs, each: each, box: box, inbox: inbox, want: max(copies, 1), open: map[int]*lookup{}}
	tick := time.NewTicker(c.timeout / ticksPerTimeout)
	defer tick.Stop()
	return l.run(ctx, tick.C)
}

// lookups is a sweep whose answers bear no name: they can only be counted.
type lookups struct {
	ids   []string
	each  func(id, token string)
	box   *mailbox
	inbox string // reply address without its last token, the index of the account
	want  int    // answers to wait for with a slot
	next  int    // first account that was not asked for
	open  map[int]*lookup
	slots int // lookups that hold a slot
	idle  int // ticks since the last answer
}

// lateTimeouts is how many timeouts an account may wait for its first answer while
// servers go on answering about others: they are behind, and not silent.
const lateTimeouts = 5

// lookup is a question on its way.
type lookup struct {
	ticks  int
	heard  int  // answers
	copies int  // those with a token
	slot   bool // counts against the limit of those in flight
}

func (l *lookups) run(ctx context.Context, tick <-chan time.Time) error {
	for {
		if err := l.fill(); err != nil {
			return err
		}
		if len(l.open) == 0 {
			return nil
		}
		var err error
		select {
		case msg := <-l.box.arrived:
			err = l.hear(msg)
		case <-tick:
			l.grow()
		case err = <-l.box.refused:
		case <-l.box.conn.closed:
			err = l.box.conn.closeError()
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// fill asks while there is a free slot.
func (l *lookups) fill() error {
	for l.next < len(l.ids) && l.slots < defaultInFlight {
		if err := l.ask(l.next); err != nil {
			return err
		}
		q := &lookup{slot: l.want > 0}
		if q.slot {
			l.slots++
		}
		l.open[l.next] = q
		l.next++
	}
	return nil
}

func (l *lookups) ask(i int) error {
	return l.box.conn.publish(prefixAccount+l.ids[i]+suffixLookup, l.inbox+strconv.Itoa(i), nil)
}

// hear takes one answer; one about another account is none.
func (l *lookups) hear(msg *nats.Msg) error {
	i, q := l.lookup(msg.Subject)
	if q == nil {
		return nil
	}
	if nobodyThere(msg) {
		return ErrNoResolver
	}
	if len(msg.Data) > 0 {
		claims, ok := peek(string(msg.Data))
		if !ok || claims.Subject != l.ids[i] {
			return nil
		}
		q.copies++
		l.each(l.ids[i], string(msg.Data))
	}
	l.idle = 0
	if q.heard++; q.heard >= max(l.want, 1) {
		l.settle(i, q)
	}
	return nil
}

// lookup finds the open one that a reply address belongs to, if any.
func (l *lookups) lookup(address string) (int, *lookup) {
	i, err := strconv.Atoi(strings.TrimPrefix(address, l.inbox))
	if err != nil {
		return 0, nil
	}
	return i, l.open[i]
}

// grow makes every lookup a tick older. None is asked for twice: a second answer of
// the same server would pass for that of another.
func (l *lookups) grow() {
	heard, late := 0, false
	l.idle++
	for i, q := range l.open {
		q.ticks++
		if q.ticks < ticksPerTimeout || q.heard == 0 && l.idle < ticksPerTimeout && q.ticks < lateTimeouts*ticksPerTimeout {
			continue
		}
		heard, late = max(heard, q.heard), true
		l.settle(i, q)
	}
	if late {
		l.want = min(l.want, heard)
	}
}

func (l *lookups) settle(i int, q *lookup) {
	if q.copies == 0 {
		l.each(l.ids[i], "")
	}
	if q.slot {
		l.slots--
	}
	delete(l.open, i)
}
