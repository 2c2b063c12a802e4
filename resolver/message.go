package resolver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Message is a message as a subscriber gets it.
type Message struct {
	Subject string
	Reply   string              // where an answer is expected; empty for nowhere
	Header  map[string][]string // nil for none
	Data    []byte
}

func messageOf(m *nats.Msg) Message { return Message{m.Subject, m.Reply, m.Header, m.Data} }

// Publish sends a message and waits until the server has taken it. The error
// is [ErrPermission] where the user may not publish to the subject.
func (c *Conn) Publish(ctx context.Context, subject string, body []byte) error {
	err := c.settled(ctx, subject, func() error { return c.nc.Publish(subject, body) })
	if err != nil {
		return fmt.Errorf("publish to %q: %w", subject, err)
	}
	return nil
}

// settled sends something about a subject and waits until the server has worked
// through it. It refuses what it refuses before it answers; the client keeps the
// last refusal, which may be an older one.
func (c *Conn) settled(ctx context.Context, subject string, send func() error) error {
	before := c.nc.LastError()
	if err := send(); err != nil {
		return err
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	err := c.nc.LastError()
	if err != before && errors.Is(err, nats.ErrPermissionViolation) && strings.Contains(err.Error(), `"`+subject+`"`) { //nolint:errorlint // the very same one
		return permissionError(err)
	}
	return nil
}

// flush waits until the server has got all that was sent.
func (c *Conn) flush(ctx context.Context) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	err := c.nc.FlushWithContext(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}

// Ask publishes a request and returns the first answer to it; see [Conn.Request]
// for its errors.
func (c *Conn) Ask(ctx context.Context, subject string, body []byte) (Message, error) {
	box := c.newMailbox(subject)
	box.large = true
	defer box.close()
	ctx, cancel := c.within(ctx)
	defer cancel()
	if err := box.ask(subject, body); err != nil {
		return Message{}, err
	}
	msg, err := box.next(ctx)
	switch {
	case err != nil:
		return Message{}, fmt.Errorf("request %q: %w", subject, err)
	case nobodyThere(msg):
		return Message{}, fmt.Errorf("request %q: %w", subject, ErrNoResponder)
	case len(msg.Data) > maxReply:
		return Message{}, fmt.Errorf("request %q: answer of %d bytes is too large", subject, len(msg.Data))
	}
	return messageOf(msg), nil
}

// SubscribeOptions say what to subscribe to.
type SubscribeOptions struct {
	Subject string
	Queue   string // each message goes to one member of this group; empty for to everybody
	Max     int    // return after so many messages; 0 for never
	// Ready, if set, is called once, when no further message can be missed.
	Ready func()
	// Lost, if set, is told how many messages were dropped in all, since they
	// came faster than they were taken.
	Lost func(total int)
	// Answer, if set, makes the answer to a message that expects one.
	Answer func(Message) []byte
}

// Subscribe calls each for every message, one at a time and on the goroutine
// that called, until there were enough of them, each fails, or ctx ends, which
// is an error here. The error is [ErrPermission] where the user may not
// subscribe, or not answer.
func (c *Conn) Subscribe(ctx context.Context, o SubscribeOptions, each func(Message) error) error {
	box := c.newMailbox("") // whatever is refused concerns it
	box.large = true
	defer box.close()
	err := c.settled(ctx, o.Subject, func() error { return box.listenIn(o.Subject, o.Queue) })
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", o.Subject, err)
	}
	if o.Ready != nil {
		o.Ready()
	}
	lost := 0
	for n := 1; ; n++ {
		msg, err := box.next(ctx)
		if err != nil {
			return fmt.Errorf("subscribe to %q: %w", o.Subject, err)
		}
		if now := box.dropped(); now > lost && o.Lost != nil {
			lost = now
			o.Lost(now)
		}
		if err := c.answer(ctx, msg, o.Answer); err != nil {
			return err
		}
		if err := each(messageOf(msg)); err != nil || n == o.Max {
			return err
		}
	}
}

// answer sends the answer to a message, if it expects one.
func (c *Conn) answer(ctx context.Context, msg *nats.Msg, with func(Message) []byte) error {
	if with == nil || msg.Reply == "" {
		return nil
	}
	return c.Publish(ctx, msg.Reply, with(messageOf(msg)))
}

// Measure returns how long the server takes to answer a ping.
func (c *Conn) Measure(ctx context.Context) (time.Duration, error) {
	elapsed := stopwatch()
	err := c.flush(ctx)
	return elapsed(), err
}
