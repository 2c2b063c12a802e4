package resolver

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Bounds of what a server may send in one piece. The client makes room for as much
// as a server announces, and for lines without end.
const (
	maxLine    = 256 << 10 // bytes; INFO names the other servers
	maxPayload = 32 << 20  // bytes; servers advise against a quarter of it
)

var errUnbounded = errors.New("the server sends more than any server does")

// guardedDialer dials for the client, and watches what servers send.
type guardedDialer struct{ timeout time.Duration }

// Dial implements [nats.CustomDialer].
func (d guardedDialer) Dial(network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{Timeout: d.timeout}).Dial(network, address)
	if err != nil {
		return nil, err
	}
	return &guard{Conn: c}, nil
}

// guard ends a connection on which something unbounded comes. What is encrypted or
// in the frames of a WebSocket it cannot read.
type guard struct {
	net.Conn
	blind bool
	line  []byte // the current one, as far as it has come
	skip  int    // bytes of a message's payload that are still to come
}

// The first byte of what TLS sends, and the first bytes of an answer over HTTP.
const (
	tlsHandshake = 0x16
	httpAnswer   = "HTTP/"
)

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if watched := g.watch(p[:n]); watched != nil {
		return 0, watched
	}
	return n, err
}

func (g *guard) watch(data []byte) error {
	for len(data) > 0 && !g.blind {
		if g.skip > 0 {
			n := min(g.skip, len(data))
			g.skip -= n
			data = data[n:]
			continue
		}
		if len(g.line) == 0 && data[0] == tlsHandshake {
			g.blind = true
			return nil
		}
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if len(g.line)+len(line) > maxLine {
			return fmt.Errorf("%w: a line of more than %d bytes", errUnbounded, maxLine)
		}
		g.line, data = append(g.line, line...), rest
		if whole {
			if err := g.endLine(); err != nil {
				return err
			}
		}
	}
	return nil
}

// endLine finds out what follows the line that has come.
func (g *guard) endLine() error {
	line := g.line
	g.line = g.line[:0]
	switch {
	case bytes.HasPrefix(line, []byte(httpAnswer)):
		g.blind = true
	case bytes.HasPrefix(line, []byte("MSG ")), bytes.HasPrefix(line, []byte("HMSG ")):
		line = bytes.TrimRight(line, "\r \t")
		size, err := strconv.ParseUint(string(line[bytes.LastIndexAny(line, " \t")+1:]), 10, 63)
		if err != nil || size > maxPayload {
			return fmt.Errorf("%w: a message of %q", errUnbounded, clip(string(line), maxName))
		}
		g.skip = int(size) + len("\r\n")
	}
	return nil
}
