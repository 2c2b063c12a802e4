package resolver

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// A sweep's clock: a question is as old as the number of ticks since it was
// put. Silent servers are asked again at half time.
const (
	ticksPerTimeout = 20
	ticksToRetry    = ticksPerTimeout / 2
	// maxDownTicks is how long the clock stands while the connection is down: a
	// question that cannot be put is not unanswered.
	maxDownTicks = 3 * ticksPerTimeout
)

// sweep puts a number of questions to every server, many at a time.
//
// Each question is settled on its own: as soon as every expected server has
// answered it, or when its time is over. An error from one server is an answer
// like any other and never hides the rest.
type sweep struct {
	topic    string // beginning of all subjects, to recognise refusals
	count    int    // questions
	inFlight int    // questions that may wait for servers at a time
	expect   []Server
	question func(i int) (subject string, body []byte)
	// heard takes an answer to question i, at most one per server. It returns
	// false for what does not answer that question.
	heard func(i int, r reply) bool
	// silent is told of each expected server that did not answer question i.
	silent func(i int, s Server)
	// nobody is the error when no server serves the subject at all.
	nobody error
	// atLeast is how long servers need for an answer, whatever the connection's
	// timeout is.
	atLeast time.Duration
}

// flight is a question on its way.
type flight struct {
	ticks int
	heard map[string]bool // ids of the servers that answered
	slot  bool            // counts against inFlight
}

// sweeper is the state of one sweep; one goroutine owns it.
type sweeper struct {
	sweep
	box     *mailbox
	inbox   string // reply address without its last token, the question's number
	next    int    // first question not yet put
	flights map[int]*flight
	slots   int // flights that hold a slot
	// mute are expected servers that let the whole time of a question pass. Until
	// they are heard again their answers are still taken but no slot is held for
	// them: one dead server costs one timeout, not one for each slot's worth of
	// questions.
	mute map[string]bool
	// alias finds an expected server by its name: one that was restarted has another id.
	alias map[string]Server
	down  int  // ticks that the connection was down in all
	lost  bool // it went down, and what is on its way may have gone with it
}

// sweep returns when all questions are settled, or early with the reason why
// the rest cannot be. Callbacks run on the caller's goroutine.
func (c *Conn) sweep(ctx context.Context, s sweep) error {
	box := c.newMailbox(s.topic)
	defer box.close()
	inbox, err := box.inbox()
	if err != nil {
		return err
	}
	w := &sweeper{sweep: s, box: box, inbox: inbox, flights: map[int]*flight{}, mute: map[string]bool{}, alias: aliases(s.expect)}
	tick := time.NewTicker(max(c.timeout, s.atLeast) / ticksPerTimeout)
	defer tick.Stop()
	return w.run(ctx, tick.C)
}

// aliases are the expected servers whose name is theirs alone.
func aliases(expect []Server) map[string]Server {
	byName := make(map[string]Server, len(expect))
	for _, s := range expect {
		if _, twice := byName[s.Name]; twice {
			s = Server{}
		}
		byName[s.Name] = s
	}
	for _, s := range expect { // who answers under an expected id is nobody else
		byName[s.ID] = s
	}
	return byName
}

// expected is the server that is expected under this id or, after a restart,
// under this name; else the server as it is.
func (w *sweeper) expected(s Server) Server {
	for _, key := range []string{s.ID, s.Name} {
		if known, ok := w.alias[key]; ok && known.ID != "" {
			return known
		}
	}
	return s
}

func (w *sweeper) run(ctx context.Context, tick <-chan time.Time) error {
	for {
		if err := w.fill(); err != nil {
			return err
		}
		if len(w.flights) == 0 {
			return nil
		}
		var err error
		select {
		case msg := <-w.box.arrived:
			err = w.hear(msg)
		case <-tick:
			err = w.grow()
		case err = <-w.box.refused:
		case <-w.box.conn.closed:
			err = w.box.conn.closeError()
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// fill puts questions while there is a free slot.
func (w *sweeper) fill() error {
	for w.next < w.count && w.slots < w.inFlight {
		if err := w.put(w.next); err != nil {
			return err
		}
		w.flights[w.next] = &flight{heard: make(map[string]bool, len(w.expect)), slot: true}
		w.slots++
		w.next++
	}
	return nil
}

func (w *sweeper) put(i int) error {
	subject, body := w.question(i)
	return w.box.conn.publish(subject, w.inbox+strconv.Itoa(i), body)
}

// hear takes one message; what is no answer to an open question is dropped.
func (w *sweeper) hear(msg *nats.Msg) error {
	i, f := w.flight(msg.Subject)
	if f == nil {
		return nil
	}
	if nobodyThere(msg) {
		return w.nobody
	}
	r, ok := decodeReply(msg.Data)
	r.server = w.expected(r.server)
	if ok && !f.heard[r.server.ID] && len(f.heard) < maxServers && w.heard(i, r) {
		f.heard[r.server.ID] = true
		delete(w.mute, r.server.ID)
		w.settle(i, f)
	}
	return nil
}

// flight finds the open question that a reply address belongs to, if any.
func (w *sweeper) flight(address string) (int, *flight) {
	i, err := strconv.Atoi(strings.TrimPrefix(address, w.inbox))
	if err != nil {
		return 0, nil
	}
	return i, w.flights[i]
}

// settle ends a flight that everybody answered, and takes its slot where only
// mute servers did not.
func (w *sweeper) settle(i int, f *flight) {
	open, mute := 0, 0
	for _, s := range w.expect {
		if !f.heard[s.ID] {
			open++
			if w.mute[s.ID] {
				mute++
			}
		}
	}
	if open == mute {
		w.release(f)
	}
	if open == 0 {
		delete(w.flights, i)
	}
}

func (w *sweeper) release(f *flight) {
	if f.slot {
		f.slot = false
		w.slots--
	}
}

// grow makes every flight a tick older.
func (w *sweeper) grow() error {
	if !w.box.conn.nc.IsConnected() && w.down < maxDownTicks {
		w.down, w.lost = w.down+1, true
		return nil
	}
	if w.lost {
		w.lost = false
		if err := w.putAgain(); err != nil {
			return err
		}
	}
	for i, f := range w.flights {
		f.ticks++
		switch {
		case f.ticks >= ticksPerTimeout:
			w.expire(i, f)
		case f.ticks == ticksToRetry && f.slot:
			if err := w.put(i); err != nil {
				return err
			}
		}
	}
	for i, f := range w.flights {
		w.settle(i, f) // servers may have become mute
	}
	return nil
}

// putAgain puts what is on its way once more.
func (w *sweeper) putAgain() error {
	for i := range w.flights {
		if err := w.put(i); err != nil {
			return err
		}
	}
	return nil
}

// expire ends a flight at the end of its time.
func (w *sweeper) expire(i int, f *flight) {
	for _, s := range w.expect {
		if !f.heard[s.ID] {
			w.mute[s.ID] = true
			w.silent(i, s)
		}
	}
	w.release(f)
	delete(w.flights, i)
}
