//go:build unix

package examples

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// hosting is an account server in the hands of another operator. Accounts that
// signed themselves it signs; others it keeps as they are.
type hosting struct {
	key      nkeys.KeyPair
	token    string
	mu       sync.Mutex
	accounts map[string]string
}

// host starts an account server, which has one account already, and returns its URL.
func host(t *testing.T) string {
	t.Helper()
	h := &hosting{key: newKey(t, nkeys.PrefixByteOperator), accounts: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jwt/v1/operator", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, h.token) })
	mux.HandleFunc("GET /jwt/v1/accounts/{id}", h.get)
	mux.HandleFunc("POST /jwt/v1/accounts/{id}", h.post)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	url := server.URL + "/jwt/v1"

	op := jwt.NewOperatorClaims(public(t, h.key))
	op.Name, op.AccountServerURL = "HOSTED", url
	known := jwt.NewAccountClaims(public(t, tenant(t)))
	known.Name = "TENANT"
	var err error
	if h.token, err = op.Encode(h.key); err != nil {
		t.Fatal(err)
	}
	if h.accounts[known.Subject], err = known.Encode(h.key); err != nil {
		t.Fatal(err)
	}
	return url
}

func (h *hosting) get(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	token, ok := h.accounts[r.PathValue("id")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = io.WriteString(w, token)
}

func (h *hosting) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	token := string(body)
	claims, err := jwt.DecodeAccountClaims(token)
	if err == nil && claims.Issuer == claims.Subject {
		token, err = claims.Encode(h.key)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accounts[claims.Subject] = token
}
