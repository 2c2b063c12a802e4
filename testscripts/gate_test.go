//go:build unix

package testscripts

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// gate stands before a server and lets so many accounts through that are pushed,
// and the next ones once it is opened. What is not a push always passes.
type gate struct {
	url     string
	reached chan struct{} // closed when no more accounts pass
	open    chan struct{} // to be closed by the test
	server  string
	limit   int

	mu     sync.Mutex
	passed int
}

func newGate(t *testing.T, server string, limit int) *gate {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{url: "nats://" + l.Addr().String(), reached: make(chan struct{}), open: make(chan struct{}), server: server, limit: limit}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go g.serve(client)
		}
	}()
	return g
}

func (g *gate) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", g.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	in := bufio.NewReader(client)
	for {
		message, err := readMessage(in)
		if err != nil {
			return
		}
		if bytes.HasPrefix(message, []byte("PUB $SYS.REQ.CLAIMS.UPDATE ")) {
			g.wait()
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

func (g *gate) wait() {
	g.mu.Lock()
	g.passed++
	n := g.passed
	g.mu.Unlock()
	if n == g.limit+1 {
		close(g.reached)
	}
	if n > g.limit {
		<-g.open
	}
}

// readMessage reads a line that a client sends, and the payload that it announces.
func readMessage(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadBytes('\n')
	if err != nil || !bytes.HasPrefix(line, []byte("PUB ")) {
		return line, err
	}
	words := strings.Fields(string(line))
	size, err := strconv.Atoi(words[len(words)-1])
	if err != nil {
		return nil, err
	}
	payload := make([]byte, size+len("\r\n"))
	_, err = io.ReadFull(in, payload)
	return append(line, payload...), err
}
