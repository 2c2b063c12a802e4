package accountserver

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nkeep/claims"
	"nkeep/internal/testkeys"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const operatorName = "O"

// realm is an operator with a store, and a server over it.
type realm struct {
	key    nkeys.KeyPair
	public string
	root   *jwtstore.Root
	server *Server
	web    *httptest.Server
}

func newRealm(tb testing.TB, adjust ...func(*Options)) *realm {
	tb.Helper()
	r := &realm{key: testkeys.New(tb, nkeys.CreateOperator)}
	r.public = testkeys.Public(tb, r.key)
	var err error
	r.root, err = jwtstore.Open(tb.TempDir(), jwtstore.Options{})
	check(tb, err)
	r.update(tb, func(tx *jwtstore.Tx) error {
		_, err := tx.AddOperator(operatorName, testkeys.Encode(tb, claims.NewOperator(r.public, operatorName), r.key), false)
		return err
	})
	o := Options{Root: r.root, Operator: operatorName, Write: true, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range adjust {
		f(&o)
	}
	r.server, err = New(o)
	check(tb, err)
	r.web = httptest.NewServer(r.server.Handler())
	tb.Cleanup(r.web.Close)
	return r
}

func (r *realm) update(tb testing.TB, fn func(*jwtstore.Tx) error) {
	tb.Helper()
	check(tb, r.root.Update(context.Background(), fn))
}

// account is a new account and its token.
func (r *realm) account(tb testing.TB, name string, adjust ...func(*jwt.AccountClaims)) (key, token string) {
	tb.Helper()
	ac := claims.NewAccount(testkeys.Public(tb, testkeys.New(tb, nkeys.CreateAccount)), name)
	for _, f := range adjust {
		f(ac)
	}
	return ac.Subject, testkeys.Encode(tb, ac, r.key)
}

// stored is an account that is in the store.
func (r *realm) stored(tb testing.TB, name string, adjust ...func(*jwt.AccountClaims)) (key, token string) {
	tb.Helper()
	key, token = r.account(tb, name, adjust...)
	r.put(tb, name, token)
	return key, token
}

func (r *realm) put(tb testing.TB, name, token string) {
	tb.Helper()
	r.update(tb, func(tx *jwtstore.Tx) error { _, err := tx.PutAccount(operatorName, name, token); return err })
}

// again signs an account anew, as an edit does.
func (r *realm) again(tb testing.TB, token string, issued time.Time, adjust func(*jwt.AccountClaims)) string {
	tb.Helper()
	ac, err := jwt.DecodeAccountClaims(token)
	check(tb, err)
	adjust(ac)
	return testkeys.EncodeAt(tb, ac, r.key, issued)
}

// answer is what a request came back with.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *realm) get(tb testing.TB, path string, header ...string) answer {
	tb.Helper()
	return r.do(tb, http.MethodGet, path, "", header...)
}

func (r *realm) post(tb testing.TB, path, body string) answer {
	tb.Helper()
	return r.do(tb, http.MethodPost, path, body)
}

// do sends a request; header holds names and values in turns.
func (r *realm) do(tb testing.TB, method, path, body string, header ...string) answer {
	tb.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.web.URL+path, strings.NewReader(body))
	check(tb, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := r.web.Client().Do(req)
	check(tb, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	check(tb, err)
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func (a answer) wants(tb testing.TB, status int, body string) {
	tb.Helper()
	if a.status != status || !strings.Contains(a.body, body) {
		tb.Errorf("answer is %d %q, want %d and %q", a.status, a.body, status, body)
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
