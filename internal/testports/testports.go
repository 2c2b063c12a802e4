// Package testports finds ports for tests that have to name one before a server
// listens there, or to come back to one after it was stopped.
package testports

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// The ports that are given out. Systems take ports from 32768 upward for
// connections (Linux; others begin later), so that no connection of another test
// sits on one of these while its server is away.
const (
	first = 10000
	last  = 32000
)

// Free are addresses, host and port, on the loopback interface where nobody listens.
func Free(tb testing.TB, count int) []string {
	tb.Helper()
	var addresses []string
	for range 100 * count {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+rand.IntN(last-first))) //nolint:gosec // chance is enough
		l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", address)
		if err != nil {
			continue
		}
		defer l.Close() // at the end: none is found twice
		if addresses = append(addresses, address); len(addresses) == count {
			return addresses
		}
	}
	tb.Fatalf("%d free ports: not to be found", count)
	return nil
}
