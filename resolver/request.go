package resolver

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Request publishes body to subject and returns the first reply, which may be
// at most 8 MiB. The error is [ErrNoResponder] where nobody listens,
// [ErrNoAnswer] after the connection's timeout and [ErrPermission] where the
// user may not ask.
func (c *Conn) Request(ctx context.Context, subject string, body []byte) ([]byte, error) {
	msg, err := c.Ask(ctx, subject, body)
	return msg.Data, err
}

// RoundTrip subscribes to subject, publishes payload to it and returns how
// long the message took to come back. It proves that a user may do both; the
// error is [ErrPermission] where it may not.
func (c *Conn) RoundTrip(ctx context.Context, subject string, payload []byte) (time.Duration, error) {
	box := c.newMailbox(subject)
	defer box.close()
	ctx, cancel := c.within(ctx)
	defer cancel()
	if err := box.listen(subject); err != nil {
		return 0, err
	}
	elapsed := stopwatch()
	if err := c.nc.Publish(subject, payload); err != nil {
		return 0, fmt.Errorf("publish to %q: %w", subject, err)
	}
	for {
		msg, err := box.next(ctx)
		if err != nil {
			return 0, fmt.Errorf("round trip on %q: %w", subject, err)
		}
		if bytes.Equal(msg.Data, payload) { // others may use the subject too
			return elapsed(), nil
		}
	}
}
