package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Conn is a connection to one server of a NATS system, kept up across server
// restarts. It is safe for concurrent use.
type Conn struct {
	nc      *nats.Conn
	timeout time.Duration
	page    int           // connections that are asked for at a time
	closed  chan struct{} // closed when the connection is gone for good

	mu    sync.Mutex
	boxes map[*mailbox]struct{} // operations under way, to be told of refusals
}

// Dial connects and logs in, trying the addresses of o in order. The error
// names each address with its own reason; it matches [ErrLogin] where a server
// was reached and refused. Dial ends with ctx.
func Dial(ctx context.Context, o Options) (*Conn, error) {
	servers, err := o.servers()
	if err != nil {
		return nil, err
	}
	c := &Conn{
		page:    connectionsPerPage,
		timeout: o.timeout(),
		closed:  make(chan struct{}),
		boxes:   map[*mailbox]struct{}{},
	}
	options, err := o.natsOptions(c)
	if err != nil {
		return nil, err
	}
	// One address at a time: given a list, the client reports only its last failure.
	var failures []error
	for _, server := range servers {
		c.nc, err = connect(ctx, server, options)
		if err == nil {
			return c, c.remember(servers)
		}
		failures = append(failures, dialError(server, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, joinFailures(failures)
}

// connect is [nats.Connect] that gives up with ctx.
func connect(ctx context.Context, server string, options []nats.Option) (*nats.Conn, error) {
	type attempt struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan attempt, 1)
	go func() {
		nc, err := nats.Connect(server, options...)
		done <- attempt{nc, err}
	}()
	select {
	case a := <-done:
		return a.nc, a.err
	case <-ctx.Done():
		go func() { (<-done).nc.Close() }() // a late connection; Close takes nil
		return nil, context.Cause(ctx)
	}
}

// remember makes all addresses candidates for a reconnect.
func (c *Conn) remember(servers []string) error {
	if len(servers) == 1 {
		return nil
	}
	if err := c.nc.SetServerPool(servers); err != nil {
		c.nc.Close()
		return fmt.Errorf("server addresses: %w", err)
	}
	return nil
}

// URL returns the address of the connected server, without its secret; it is
// empty while the connection is down.
func (c *Conn) URL() string { return Redact(c.nc.ConnectedUrl()) }

// Close ends the connection; operations under way return [ErrClosed].
func (c *Conn) Close() { c.nc.Close() }

// onClosed runs once, also after Close.
func (c *Conn) onClosed(*nats.Conn) { close(c.closed) }

// closeError says why the connection is gone.
func (c *Conn) closeError() error {
	err := c.nc.LastError()
	switch {
	case err == nil:
		return ErrClosed
	case isLoginError(err):
		return fmt.Errorf("%w: %w", ErrClosed, loginError(err))
	}
	return fmt.Errorf("%w (%w)", ErrClosed, err)
}

// onAsyncError hands a refusal to the operations it concerns. The server sends
// refusals apart from replies, so without this they would look like silence.
func (c *Conn) onAsyncError(_ *nats.Conn, _ *nats.Subscription, err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	refusal := permissionError(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for box := range c.boxes {
		box.refuse(refusal)
	}
}
