package faults

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// plantServed serves the account of a store with a change that the store does not
// have, at the URL that its operator names.
func plantServed(t *testing.T, h *home) {
	t.Helper()
	file := filepath.Join(h.dir, ".nsc", "nats", "O", "accounts", "A", "A.jwt")
	before := read(t, file)
	h.must(t, "edit account A --conns 5")
	served := read(t, file)
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if filepath.Dir(r.URL.Path) != "/jwt/v1/accounts" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(served) // a test whose answer is lost fails by itself
	}))
	t.Cleanup(s.Close)
	h.must(t, "edit operator --account-jwt-server-url "+s.URL+"/jwt/v1")
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
