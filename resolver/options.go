package resolver

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// defaultTimeout bounds an operation when the caller states nothing.
const defaultTimeout = 2 * time.Second

// reconnectWait is the pause between attempts to get a lost connection back.
const reconnectWait = 250 * time.Millisecond

// pingInterval is the least time between pings: two without an answer end the connection.
const pingInterval = 2 * time.Second

// Identity is how a connection logs in: a user JWT and the key that proves it.
// The zero Identity logs in without credentials.
type Identity struct {
	// Token returns the user JWT. It is called at every connect and reconnect,
	// so a short-lived user can be renewed.
	Token func() (string, error)
	// Sign signs the server's nonce with the key of the user Token returned.
	Sign func(nonce []byte) ([]byte, error)
}

// option sets the callbacks. [nats.UserJWT] would also call Token once for a
// trial, and signing a user has a price.
func (i Identity) option(o *nats.Options) error {
	o.UserJWT, o.SignatureCB = i.Token, i.Sign
	return nil
}

// Options says where and how to connect.
type Options struct {
	// URLs are tried in order; schemes nats, tls, ws and wss. An element may
	// itself be a comma-separated list.
	URLs []string
	// Name is shown in the server's list of connections.
	Name     string
	Identity Identity
	TLS      TLS
	// InboxPrefix begins the addresses that answers come to; empty means _INBOX.
	InboxPrefix string
	// NoEcho keeps the connection from hearing what it publishes itself.
	NoEcho bool
	// Timeout bounds one operation and each connection attempt; 0 means 2 s.
	Timeout time.Duration
}

func (o Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return defaultTimeout
}

// servers returns the single addresses of o.URLs.
func (o Options) servers() ([]string, error) {
	var list []string
	for _, u := range o.URLs {
		for one := range strings.SplitSeq(u, ",") {
			one = strings.TrimSpace(one)
			if one == "" {
				continue
			}
			if err := checkServerURL(one); err != nil {
				return nil, err
			}
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no server address given")
	}
	return list, nil
}

// natsOptions are the client options of a connection whose events go to c.
func (o Options) natsOptions(c *Conn) ([]nats.Option, error) {
	config, err := o.TLS.config()
	if err != nil {
		return nil, err
	}
	list := []nats.Option{
		nats.Name(o.Name),
		nats.Timeout(o.timeout()),
		nats.SetCustomDialer(guardedDialer{o.timeout()}),
		nats.FlusherTimeout(o.timeout()), // a server that does not read holds up nobody
		nats.DontRandomize(),
		nats.MaxReconnects(-1), // operations have their own time limits
		nats.ReconnectWait(reconnectWait),
		nats.PingInterval(max(o.timeout(), pingInterval)), // a frozen server is left for another
		nats.ErrorHandler(c.onAsyncError),
		nats.ClosedHandler(c.onClosed),
	}
	if o.InboxPrefix != "" {
		list = append(list, nats.CustomInboxPrefix(o.InboxPrefix))
	}
	if config != nil {
		list = append(list, nats.Secure(config))
	}
	if o.NoEcho {
		list = append(list, nats.NoEcho())
	}
	if o.TLS.First {
		list = append(list, nats.TLSHandshakeFirst())
	}
	if o.Identity.Token != nil {
		list = append(list, o.Identity.option)
	}
	return list, nil
}

// checkServerURL accepts what the NATS client can connect to; an address
// without a scheme counts as nats://.
func checkServerURL(server string) error {
	if !strings.Contains(server, "://") {
		server = "nats://" + server
	}
	u, err := url.Parse(server)
	switch {
	case err != nil:
		return fmt.Errorf("server address: %w", err)
	case !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme):
		return fmt.Errorf("server %q: scheme must be nats, tls, ws or wss", u.Redacted())
	case u.Hostname() == "":
		return fmt.Errorf("server %q: host is missing", u.Redacted())
	}
	return nil
}

// Redact hides a password in an address, and a user without one, which is a token.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	if _, ok := u.User.Password(); !ok {
		u.User = url.User("xxxxx")
	}
	return u.Redacted()
}
