package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
)

// WatchOptions says what to watch.
type WatchOptions struct {
	// Accounts are the public keys to watch; empty means all. With accounts
	// given, events about servers as such are left out.
	Accounts []string
	// Ready, if set, is called once, when no further event can be missed.
	Ready func()
	// Now, if set, gives claim updates their time.
	Now func() time.Time
}

// Watch calls each for every event, one at a time and on the goroutine that
// called, until ctx ends, and then returns nil. Events that come faster than
// each returns are dropped in the end; an [EventLost] then says how many. Another
// one says that the connection was lost, once there are events again.
//
// While somebody watches claim updates, a push to servers without a NATS-based
// resolver meets silence instead of [ErrNoResolver].
func (c *Conn) Watch(ctx context.Context, o WatchOptions, each func(Event)) error {
	for _, id := range o.Accounts {
		if err := checkAccountID(id); err != nil {
			return err
		}
	}
	box := c.newMailbox()
	defer box.close()
	if err := box.listenAll(ctx, o.subjects()); err != nil {
		return err
	}
	if o.Ready != nil {
		o.Ready()
	}
	w := watcher{WatchOptions: o, box: box, each: each, breaks: c.nc.Stats().Reconnects}
	for {
		msg, err := box.next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watch: %w", err)
		}
		w.take(decodeEvent(msg.Subject, msg.Data))
	}
}

// listenAll subscribes and waits until the server knows: refusals come before
// the answer to a flush.
func (m *mailbox) listenAll(ctx context.Context, subjects []string) error {
	before := m.conn.nc.LastError()
	for _, subject := range subjects {
		if err := m.listen(subject); err != nil {
			return err
		}
	}
	ctx, cancel := m.conn.within(ctx)
	defer cancel()
	if err := m.conn.nc.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	if err := m.conn.nc.LastError(); !errors.Is(err, before) && errors.Is(err, nats.ErrPermissionViolation) {
		return permissionError(err)
	}
	return nil
}

func (o WatchOptions) subjects() []string {
	if len(o.Accounts) == 0 {
		return append(eventSubjects([]string{"*"}), serverSubjects()...)
	}
	return eventSubjects(o.Accounts)
}

// eventSubjects are where events of accounts come on, one set for each account
// token. Refused logins and pushes name the account only inside.
func eventSubjects(accounts []string) []string {
	list := []string{"$SYS.SERVER.*.CLIENT.AUTH.ERR", subjectClaimsUpdate}
	for _, id := range accounts {
		list = append(list,
			"$SYS.ACCOUNT."+id+".CONNECT",
			"$SYS.ACCOUNT."+id+".DISCONNECT",
			"$SYS.ACCOUNT."+id+".LEAFNODE.CONNECT",
			"$SYS.ACCOUNT."+id+".SERVER.CONNS",
			"$SYS.SERVER.ACCOUNT."+id+".CONNS",
			prefixAccount+id+suffixLoadedUpdate,
			"$SYS.ACCOUNT."+id+".CLAIMS.UPDATE",
		)
	}
	return list
}

func serverSubjects() []string {
	return []string{"$SYS.SERVER.*.STATSZ", "$SYS.SERVER.*.SHUTDOWN", "$SYS.SERVER.*.LAMEDUCK", "$SYS.SERVER.*.OCSP.PEER.>"}
}

// watcher passes events on.
type watcher struct {
	WatchOptions
	box    *mailbox
	each   func(Event)
	lost   int
	breaks uint64     // of the connection
	recent [64]string // ids of the last events about connections
	count  int
}

func (w *watcher) take(e Event) {
	if lost := w.box.dropped(); lost > w.lost {
		w.each(Event{Kind: EventLost, Reason: fmt.Sprintf("%d events were dropped", lost-w.lost)})
		w.lost = lost
	}
	if breaks := w.box.conn.nc.Stats().Reconnects; breaks > w.breaks {
		w.each(Event{Kind: EventLost, Reason: "the connection was lost for a while, and what happened then is not known"})
		w.breaks = breaks
	}
	if w.unwanted(e) || w.repeated(e) {
		return
	}
	if e.Time.IsZero() && w.Now != nil {
		e.Time = w.Now()
	}
	w.each(e)
}

func (w *watcher) unwanted(e Event) bool {
	return len(w.Accounts) > 0 && !slices.Contains(w.Accounts, e.Account)
}

// repeated recognises the second copy of an event: servers announce
// connections in the old spelling and in the new one.
func (w *watcher) repeated(e Event) bool {
	if e.Kind != EventConnections || e.ID == "" {
		return false
	}
	if slices.Contains(w.recent[:], e.ID) {
		return true
	}
	w.recent[w.count%len(w.recent)] = e.ID
	w.count++
	return false
}
