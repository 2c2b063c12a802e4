package resolver

import (
	"context"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// Bounds of what waits unread in one subscription. Beyond them the client
// drops messages: a flood costs answers, not memory.
const (
	maxPendingMessages = 64 << 10
	maxPendingBytes    = 64 << 20
	maxArrived         = 16 // messages that an operation reads next, each of maxReply at most
)

// mailbox is one operation's ear: the messages that arrive for it and the
// refusals that concern it.
type mailbox struct {
	conn    *Conn
	topics  []string       // beginnings of the subjects this operation uses
	arrived chan *nats.Msg // read by the operation
	large   bool           // whatever its size arrives, too
	refused chan error     // holds the first refusal
	done    chan struct{}  // closed with the mailbox
	subs    []*nats.Subscription
}

// newMailbox opens a mailbox for an operation that publishes to subjects
// beginning with one of topics. The caller closes it.
func (c *Conn) newMailbox(topics ...string) *mailbox {
	m := &mailbox{
		conn:    c,
		topics:  topics,
		arrived: make(chan *nats.Msg, maxArrived),
		refused: make(chan error, 1),
		done:    make(chan struct{}),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boxes[m] = struct{}{}
	return m
}

// listen lets messages on subject arrive here.
func (m *mailbox) listen(subject string) error { return m.listenIn(subject, "") }

// listenIn lets those messages on subject arrive here that a queue group gets
// to share; without one, all of them.
func (m *mailbox) listenIn(subject, queue string) error {
	m.conn.mu.Lock()
	m.topics = append(m.topics, strings.TrimSuffix(subject, "*"))
	m.conn.mu.Unlock()
	sub, err := m.conn.nc.QueueSubscribe(subject, queue, m.deliver)
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", subject, err)
	}
	m.subs = append(m.subs, sub)
	return sub.SetPendingLimits(maxPendingMessages, maxPendingBytes)
}

// inbox listens to a fresh reply address and returns its prefix: any one token
// may follow it.
func (m *mailbox) inbox() (string, error) {
	prefix := m.conn.nc.NewInbox() + "."
	return prefix, m.listen(prefix + "*")
}

func (m *mailbox) deliver(msg *nats.Msg) {
	if len(msg.Data) > maxReply && !m.large {
		return
	}
	select {
	case m.arrived <- msg:
	case <-m.done:
	}
}

// ask publishes one request and lets the replies arrive here. The request has
// no headers: some servers take them for a part of the claims.
func (m *mailbox) ask(subject string, body []byte) error {
	prefix, err := m.inbox()
	if err != nil {
		return err
	}
	return m.conn.publish(subject, prefix+"0", body)
}

// next waits for a message, a refusal, the end of the connection or of ctx.
func (m *mailbox) next(ctx context.Context) (*nats.Msg, error) {
	select {
	case msg := <-m.arrived:
		return msg, nil
	case err := <-m.refused:
		return nil, err
	case <-m.conn.closed:
		return nil, m.conn.closeError()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// refuse keeps err if it names a subject of this operation. The caller holds
// the connection's lock.
func (m *mailbox) refuse(err error) {
	for _, topic := range m.topics {
		if strings.Contains(err.Error(), `"`+topic) {
			select {
			case m.refused <- err:
			default: // the first refusal is enough
			}
			return
		}
	}
}

// dropped counts the messages lost because the operation was too slow.
func (m *mailbox) dropped() int {
	total := 0
	for _, sub := range m.subs {
		if n, err := sub.Dropped(); err == nil {
			total += n
		}
	}
	return total
}

func (m *mailbox) close() {
	close(m.done)
	for _, sub := range m.subs {
		// Fails only when the connection is gone, and the subscription with it.
		_ = sub.Unsubscribe()
	}
	m.conn.mu.Lock()
	defer m.conn.mu.Unlock()
	delete(m.conn.boxes, m)
}

// publish sends one request without headers.
func (c *Conn) publish(subject, reply string, body []byte) error {
	if err := c.nc.PublishRequest(subject, reply, body); err != nil {
		return fmt.Errorf("publish to %q: %w", subject, err)
	}
	return nil
}

// within bounds an operation that ends with silence.
func (c *Conn) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.timeout, ErrNoAnswer)
}

// nobodyThere recognises the server's notice that no one listens.
func nobodyThere(msg *nats.Msg) bool {
	return len(msg.Data) == 0 && msg.Header.Get("Status") == "503"
}
