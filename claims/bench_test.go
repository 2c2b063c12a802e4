package claims

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// large returns an account with n exports.
func large(tb testing.TB, n int) *jwt.AccountClaims {
	tb.Helper()
	c := NewAccount(pub(tb, nkeys.PrefixByteAccount), "A")
	for i := range n {
		c.Exports.Add(&jwt.Export{Name: strconv.Itoa(i), Subject: jwt.Subject(fmt.Sprintf("orders.%04d.>", i)), Type: jwt.Stream})
	}
	return c
}

// BenchmarkApply edits an account with 1,000 exports, the comparison included.
func BenchmarkApply(b *testing.B) {
	c := large(b, 1000)
	var n int64
	for b.Loop() {
		n++
		edit := AccountEdit{Limits: AccountLimitsEdit{Conns: &n}}
		if changes, err := edit.Apply(c, epoch()); err != nil || len(changes) != 1 {
			b.Fatal(changes, err)
		}
	}
}

// BenchmarkDiff compares two accounts with 1,000 exports, one of which differs.
func BenchmarkDiff(b *testing.B) {
	before := large(b, 1000)
	after := *before
	after.Exports = append(jwt.Exports{{Subject: "new", Type: jwt.Stream}}, before.Exports...)
	b.ResetTimer()
	for b.Loop() {
		if changes, err := Diff(before, &after); err != nil || len(changes) != 1 {
			b.Fatal(changes, err)
		}
	}
}

func BenchmarkVerifyAccount(b *testing.B) {
	w := newWorld(b)
	token := sign(b, w.ac, w.oKey)
	for b.Loop() {
		if _, err := VerifyAccount(token, w.op, false); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncode signs an account with 1,000 exports again: as jwt does it, and
// looking for what to keep, which is nothing or one member of each export.
func BenchmarkEncode(b *testing.B) {
	w := newWorld(b)
	c := large(b, 1000)
	plain := sign(b, c, w.oKey)
	more := rawToken(b, nkeyHeader, strings.ReplaceAll(payloadIn(b, plain), `"type":"stream"`, `"type":"stream","x":1`), w.oKey)
	for name, previous := range map[string]string{"new": "", "nothing kept": plain, "kept": more} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := encode(b, c, previous, w.oKey); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
