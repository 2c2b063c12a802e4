package accountserver

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBadRequests sends ten thousand requests that no honest client sends. All
// are answered, nothing is stored, and the server is as small as before.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, token := r.stored(t, "A")
	handler := r.server.Handler()
	paths := []string{"accounts/", "activations/", "operator", "pack?max=", "help?", "../", "accounts/" + key + "?jti=", "accounts/" + key + "/"}
	endings := []string{"", "%00", "..%2f..%2f", "%F0%9F", strings.Repeat("A", 5000), key[:55], strings.ToLower(key), "\u202e", "?decode=%zz", "-99999999999999999999", "A B"}
	bodies := []string{
		"", "x", token[:len(token)/2], token + token, strings.Repeat(".", 1000), strings.Repeat("a.b.c ", 1<<17), "{}", "\x00\xff", "<html>",
		"-----BEGIN NATS ACCOUNT JWT-----\n" + strings.Repeat("-", 1<<12),
	}
	tags := []string{"", ",,,,", `"`, strings.Repeat(`"x",`, 1000), "W/W/"}
	bad := func(rng *rand.Rand) *http.Request {
		req := httptest.NewRequestWithContext(t.Context(), pick(rng, "GET", "POST", "POST", "PUT", "OPTIONS", "HEAD", "X"), "/", strings.NewReader(pick(rng, bodies...)))
		req.URL.Path, req.URL.RawQuery, _ = strings.Cut("/jwt/v1/"+pick(rng, paths...)+pick(rng, endings...), "?")
		req.Header.Set("If-None-Match", pick(rng, tags...))
		req.Header.Set("Content-Type", pick(rng, "", "application/jwt", "multipart/form-data", "\t"))
		return req
	}
	send := func(count int) {
		var senders sync.WaitGroup
		for n := range 4 {
			senders.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(n), 1))
				for range count / 4 {
					w := httptest.NewRecorder()
					req := bad(rng)
					handler.ServeHTTP(w, req)
					if w.Code >= 500 && w.Code != http.StatusNotImplemented {
						t.Errorf("%s %s: %d %s", req.Method, req.URL, w.Code, w.Body)
					}
				}
			})
		}
		senders.Wait()
	}
	send(1000)
	before := heap()
	send(10_000)
	if after := heap(); after > before+8<<20 {
		t.Errorf("memory grew from %d to %d bytes", before, after)
	}
	names, err := mustStore(t, r).AccountNames()
	if err != nil || len(names) != 1 {
		t.Errorf("accounts are %q: %v", names, err)
	}
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
}

func pick(rng *rand.Rand, from ...string) string { return from[rng.IntN(len(from))] }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestSlowClients are cut off, whether it is the header or the body that drips.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.server.Run(ctx, l, 2, nil) }()
	for _, begin := range []string{"GET / HTTP/1.1\r\nHost:", "POST /jwt/v1/activations HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"} {
		conn, err := net.Dial("tcp", l.Addr().String())
		check(t, err)
		defer conn.Close()
		fmt.Fprint(conn, begin)
		check(t, conn.SetDeadline(time.Now().Add(4*readTimeout)))
		go func() {
			for _, err := fmt.Fprint(conn, "x"); err == nil; _, err = fmt.Fprint(conn, "x") {
				<-time.After(readTimeout / 10)
			}
		}()
		answer, err := io.ReadAll(bufio.NewReader(conn))
		if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // as net says it
			t.Errorf("%q: was not cut off: %q", begin, answer)
		}
	}
	stop()
	check(t, <-done)
}

// TestConnectionsAreBounded has more clients than there may be wait, not fail.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, token := r.stored(t, "A")
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.server.Run(ctx, l, 3, nil) }()
	var clients sync.WaitGroup
	for range 30 {
		clients.Go(func() {
			c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
			resp, err := c.Get("http://" + l.Addr().String() + "/jwt/v1/accounts/" + key)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != token {
				t.Errorf("%v: %s", err, body)
			}
		})
	}
	clients.Wait()
	stop()
	check(t, <-done)
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it listens after its end")
	}
}
