// Package testkeys makes keys and tokens, for tests that need an operator and what
// it has signed. What fails ends the test.
package testkeys

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// New makes a key, as nkeys.CreateOperator and its like do.
func New(tb testing.TB, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	tb.Helper()
	kp, err := create()
	check(tb, err)
	return kp
}

// Public is the public half of a key.
func Public(tb testing.TB, kp nkeys.KeyPair) string {
	tb.Helper()
	id, err := kp.PublicKey()
	check(tb, err)
	return id
}

// Encode signs claims.
func Encode(tb testing.TB, c jwt.Claims, kp nkeys.KeyPair) string {
	tb.Helper()
	token, err := c.Encode(kp)
	check(tb, err)
	return token
}

// EncodeAt is [Encode] with a time of issue of its own: jwt takes that of the machine.
func EncodeAt(tb testing.TB, c jwt.Claims, kp nkeys.KeyPair, issued time.Time) string {
	tb.Helper()
	parts := strings.Split(Encode(tb, c, kp), ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	check(tb, err)
	doc := map[string]any{}
	check(tb, json.Unmarshal(payload, &doc))
	doc["iat"], doc["jti"] = issued.Unix(), Public(tb, New(tb, nkeys.CreateUser))
	payload, err = json.Marshal(doc)
	check(tb, err)
	text := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := kp.Sign([]byte(text))
	check(tb, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
