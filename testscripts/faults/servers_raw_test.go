//go:build unix

package faults

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

// TestHostileProtocol connects to what is no server at all, and speaks the protocol
// of one as no server does.
func TestHostileProtocol(t *testing.T) {
	t.Parallel()
	const info = `INFO {"server_id":"N","server_name":"n","version":"2.12.0","proto":1,"headers":true,"max_payload":1048576,"auth_required":true,"nonce":"n"}` + "\r\n"
	large := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct{ first, answer, endless string }{
		"silence":             {},
		"a page":              {first: "HTTP/1.1 200 OK\r\n\r\n<html>", endless: "<p>"},
		"greeting":            {first: `INFO {"x":"`, endless: large},
		"error without end":   {info, "-ERR '", large},
		"line without end":    {info, "MSG ", large},
		"news without end":    {info, `INFO {"x":"`, large},
		"pings":               {info, "", strings.Repeat("PING\r\n", 10_000)},
		"astronomic message":  {info, "MSG $INBOX $ID 9999999999999999\r\n", large},
		"message without end": {info, "MSG $INBOX $ID 4000000000\r\n", large},
		"large messages":      {info, "", "MSG $INBOX $ID 1048576\r\n" + large + "\r\n"},
		"larger messages":     {info, "", "MSG $INBOX $ID 8388608\r\n" + strings.Repeat(large, 8) + "\r\n"},
		"largest messages":    {info, "", "MSG $INBOX $ID 33554432\r\n" + strings.Repeat(large, 32) + "\r\n"},
		"messages to nobody":  {info, "", "MSG nobody 9999 1048576\r\n" + large + "\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			url := impostor(t, c.first, c.answer, c.endless)
			for _, line := range []string{"push -A -u ", "pull -A -u "} {
				if r := v.endure(t, line+url); r.code != 1 {
					t.Errorf("nkeep %s: %s", line, r)
				}
			}
		})
	}
}

// impostor greets who connects, and answers the first subscription and whatever
// comes after it with what has no end. It returns its URL.
func impostor(t *testing.T, greeting, answer, endless string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				converse(c, greeting, answer, endless)
			}()
		}
	}()
	return "nats://" + l.Addr().String()
}

func converse(c net.Conn, greeting, answer, endless string) {
	_, _ = io.WriteString(c, greeting)
	if !strings.HasSuffix(greeting, "\n") { // it has no end itself
		for endless != "" {
			if _, err := io.WriteString(c, endless); err != nil {
				return
			}
		}
	}
	for in := bufio.NewScanner(c); in.Scan(); {
		words := strings.Fields(in.Text())
		switch {
		case len(words) == 0:
		case words[0] == "PING":
			_, _ = io.WriteString(c, "PONG\r\n")
		case words[0] == "SUB":
			fit := strings.NewReplacer("$INBOX", strings.ReplaceAll(words[1], "*", "0"), "$ID", words[len(words)-1])
			_, _ = io.WriteString(c, fit.Replace(answer))
			for text := fit.Replace(endless); text != ""; {
				if _, err := io.WriteString(c, text); err != nil {
					return
				}
			}
		}
	}
}
