package faults

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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

// TestPullManaged pulls an operator that is managed elsewhere, and an account that it
// has: the same identity is taken, another one is not.
func TestPullManaged(t *testing.T) {
	t.Parallel()
	boss, stranger := newHome(t, usual()...), newHome(t, "add operator O --sys --tag s", "add account A --tag s")
	at := func(h *home, name string) string { return filepath.Join(h.dir, ".nsc", "nats", "O", name) }
	h := newHome(t, "add operator --url "+at(boss, "O.jwt"))
	from := boss
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch filepath.Base(r.URL.Path) {
		case "operator":
			_, _ = w.Write(read(t, at(from, "O.jwt")))
		default:
			_, _ = w.Write(read(t, at(from, "accounts/A/A.jwt")))
		}
	}))
	t.Cleanup(s.Close)
	public := strings.TrimSpace(strings.ReplaceAll(boss.must(t, "describe account A -F sub").stdout, `"`, ""))
	pull := "pull --overwrite-newer -a " + public + " -u " + s.URL
	boss.must(t, "edit operator --tag renewed")
	h.must(t, pull)
	for _, name := range []string{"O.jwt", "accounts/A/A.jwt"} {
		if string(read(t, at(h, name))) != string(read(t, at(boss, name))) {
			t.Errorf("%s: is not what is served", name)
		}
	}

	from = stranger
	before := h.look(t)
	if r := h.run(nil, pull); r.code != 5 {
		t.Errorf("from a stranger: %s", r)
	}
	if diff := before.diff(h.look(t)); diff != "" {
		t.Errorf("from a stranger: %s", diff)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
