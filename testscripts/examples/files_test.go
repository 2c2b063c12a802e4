//go:build unix

package examples

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// looseFiles are the files that examples read and that somebody else has made.
func looseFiles(t *testing.T, w *world) {
	t.Helper()
	theirs := newKey(t, nkeys.PrefixByteAccount)
	foreign := jwt.NewAccountClaims(public(t, theirs))
	foreign.Name = "THEIRS"
	token, err := foreign.Encode(theirs)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"tenants.jsonl":   `{"name":"NORTH"}` + "\n" + `{"name":"SOUTH","conns":7}` + "\n",
		"team.csv":        "name,tag,allow_pub\nann,day,orders.>\nbob,night,\n",
		"gone.txt":        "shop\ndesk\n",
		"order.json":      `{"tea":1}`,
		"theirs.jwt":      token,
		"ORDERS.nk":       seed(t, newKey(t, nkeys.PrefixByteAccount)),
		"new-operator.nk": seed(t, newKey(t, nkeys.PrefixByteOperator)),
		"account.seed":    seed(t, tenant(t)),
		"profile.url":     "nsc://hosted?secret=" + seed(t, tenant(t)) + "&user=shop",
	} {
		w.write(t, name, []byte(text))
	}
	certificate(t, w)
	if err := os.MkdirAll(filepath.Join(w.home, ".config", "fish", "completions"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// certificate puts down a certificate that is its own authority, and its key.
func certificate(t *testing.T, w *world) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	own := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	shown := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})
	w.write(t, "cert.pem", shown)
	w.write(t, "ca.pem", shown)
	w.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}

// keptElsewhere copies keys and tokens to other places.
func keptElsewhere(t *testing.T, w *world) {
	t.Helper()
	for _, dir := range []string{"old-laptop", "secrets", "stick", "stick/keys"} {
		if err := os.Mkdir(filepath.Join(w.home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{".nkeys": "keys", ".nkeys/keys": "old-laptop/keys", ".nsc/nats": "old-laptop/stores"} {
		copyHome(t, filepath.Join(w.home, from), filepath.Join(w.home, to))
	}
	copyHome(t, filepath.Join(w.home, ".nkeys"), filepath.Join(w.home, "secrets", "nkeys"))
	if err := os.Chmod(filepath.Join(w.home, "secrets", "nkeys", "keys"), 0o777); err != nil { // as a mount may be
		t.Fatal(err)
	}
	public := strings.Trim(strings.TrimSpace(w.nkeep(t, "describe", "operator", "--field", "sub")), `"`)
	key, err := os.ReadFile(filepath.Join(w.home, ".nkeys", "keys", "O", public[1:3], public+".nk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"operator.nk", "secrets/operator.nk", "stick/keys/OA….nk"} {
		w.write(t, name, key)
	}
}

// moveStores puts the tokens where they were before a move, and leaves the keys.
func moveStores(t *testing.T, w *world) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(w.home, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(w.home, ".nsc", "nats"), filepath.Join(w.home, "old", "stores")); err != nil {
		t.Fatal(err)
	}
}

func (w *world) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.home, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newKey(t *testing.T, kind nkeys.PrefixByte) nkeys.KeyPair {
	t.Helper()
	key, err := nkeys.CreatePair(kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// tenant is the key of an account that another operator knows: always the same one.
func tenant(t *testing.T) nkeys.KeyPair {
	t.Helper()
	key, err := nkeys.CreatePairWithRand(nkeys.PrefixByteAccount, randomness([]string{"tenant"}))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func seed(t *testing.T, key nkeys.KeyPair) string {
	t.Helper()
	s, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return string(s)
}

func public(t *testing.T, key nkeys.KeyPair) string {
	t.Helper()
	p, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
