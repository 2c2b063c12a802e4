package faults

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// plantHosted puts the token of an operator that somebody else runs into a home,
// and the seed of an account that its account server knows.
func plantHosted(t *testing.T, h *home) {
	t.Helper()
	operator, account := pairFrom(t, nkeys.PrefixByteOperator, 1), pairFrom(t, nkeys.PrefixByteAccount, 2)
	var (
		mu       sync.Mutex
		accounts = map[string]string{}
	)
	keep := func(c *jwt.AccountClaims) {
		token, err := c.Encode(operator)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		accounts[c.Subject] = token
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /accounts/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is cut off does not decode
		c, err := jwt.DecodeAccountClaims(string(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		keep(c)
	})
	mux.HandleFunc("GET /accounts/{id}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, accounts[r.PathValue("id")])
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	oc := jwt.NewOperatorClaims(publicOf(t, operator))
	oc.Name, oc.AccountServerURL = "HOSTED", server.URL
	token, err := oc.Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	ac := jwt.NewAccountClaims(publicOf(t, account))
	ac.Name = "known"
	keep(ac)
	seed, err := account.Seed()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"operator.jwt": token, "account.seed": string(seed)} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// plantTenant has an account of such an operator as well.
func plantTenant(t *testing.T, h *home) {
	t.Helper()
	plantHosted(t, h)
	h.must(t, "init --url $HOME/operator.jwt -n I")
}

func pairFrom(t *testing.T, kind nkeys.PrefixByte, n byte) nkeys.KeyPair {
	t.Helper()
	raw := make([]byte, 32)
	raw[0] = n
	kp, err := nkeys.FromRawSeed(kind, raw)
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

func publicOf(t *testing.T, kp nkeys.KeyPair) string {
	t.Helper()
	public, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}
