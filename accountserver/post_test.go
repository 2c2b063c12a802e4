package accountserver

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"nkeep/claims"
	"nkeep/internal/testkeys"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestPostStores(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, token := r.account(t, "A")
	r.post(t, "/jwt/v1/accounts/"+key, token).wants(t, 200, "")
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
	if got, err := mustStore(t, r).Account("A"); err != nil || got != token {
		t.Fatalf("stored is %q: %v", got, err)
	}
	r.post(t, "/jwt/v1/accounts/"+key, token+"\n").wants(t, 200, "")
	decorated, err := jwt.DecorateJWT(r.again(t, token, time.Now().Add(time.Second), func(ac *jwt.AccountClaims) { ac.Tags.Add("x") }))
	check(t, err)
	r.post(t, "/jwt/v1/accounts/"+key, string(decorated)).wants(t, 200, "")
	ac, err := jwt.DecodeAccountClaims(r.get(t, "/jwt/v1/accounts/"+key).body)
	if err != nil || !ac.Tags.Contains("x") {
		t.Errorf("the edit is not stored: %v %+v", err, ac)
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	r, stranger := newRealm(t), newRealm(t)
	key, token := r.stored(t, "A")
	other, otherToken := r.account(t, "B")
	identity := testkeys.New(t, nkeys.CreateAccount)
	selfMade := testkeys.Encode(t, claims.NewAccount(testkeys.Public(t, identity), "S"), identity)
	_, foreign := stranger.account(t, "F")
	_, clash := r.account(t, "a")
	_, unsafe := r.account(t, "../../x")
	_, late := r.account(t, "L", func(ac *jwt.AccountClaims) { ac.Expires = time.Now().Add(-time.Hour).Unix() })
	older := r.again(t, token, time.Now().Add(-time.Hour), func(ac *jwt.AccountClaims) { ac.Tags.Add("old") })
	operator := testkeys.Encode(t, claims.NewOperator(r.public, operatorName), r.key)
	for name, c := range map[string]struct {
		key, body string
		status    int
	}{
		"junk":                 {key, "junk", 400},
		"nothing":              {key, "", 400},
		"HTML":                 {key, "<html><body>a.b.c</body></html>", 400},
		"another account":      {key, otherToken, 400},
		"no key":               {"x", otherToken, 400},
		"self-signed":          {subject(t, selfMade), selfMade, 400},
		"a stranger's":         {subject(t, foreign), foreign, 400},
		"an operator":          {r.public, operator, 400},
		"a name that is taken": {subject(t, clash), clash, 409},
		"a name with a path":   {subject(t, unsafe), unsafe, 400},
		"expired":              {subject(t, late), late, 400},
		"older":                {key, older, 409},
		"cut off":              {other, otherToken[:len(otherToken)-4], 400},
		"too large":            {other, strings.Repeat("x", MaxBody+1), 413},
	} {
		r.post(t, "/jwt/v1/accounts/"+c.key, c.body).wants(t, c.status, "")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	names, err := mustStore(t, r).AccountNames()
	if err != nil || len(names) != 1 {
		t.Errorf("accounts are %q: %v", names, err)
	}
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
	closed := newRealm(t, func(o *Options) { o.Write = false })
	key, token = closed.account(t, "A")
	closed.post(t, "/jwt/v1/accounts/"+key, token).wants(t, 403, "--write")
	closed.post(t, "/jwt/v1/activations", token).wants(t, 403, "--write")
}

func subject(t *testing.T, token string) string {
	t.Helper()
	c, err := jwt.DecodeGeneric(token)
	check(t, err)
	return c.Subject
}

func TestStrictOperator(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	signing := testkeys.New(t, nkeys.CreateOperator)
	oc := claims.NewOperator(r.public, operatorName)
	oc.SigningKeys.Add(testkeys.Public(t, signing))
	oc.StrictSigningKeyUsage = true
	r.update(t, func(tx *jwtstore.Tx) error {
		_, err := tx.PutOperator(operatorName, testkeys.Encode(t, oc, r.key))
		return err
	})
	key, token := r.account(t, "A")
	r.post(t, "/jwt/v1/accounts/"+key, token).wants(t, 400, "requires signing keys")
	r.key = signing
	key, token = r.account(t, "A")
	r.post(t, "/jwt/v1/accounts/"+key, token).wants(t, 200, "")
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
}

// TestPostsRace has many accounts come in at once, over two servers of one store.
func TestPostsRace(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	other, err := New(r.server.o)
	check(t, err)
	var posts sync.WaitGroup
	const count = 20
	keys := make([]string, count)
	for i := range count {
		key, token := r.account(t, "A"+string(rune('a'+i)))
		keys[i] = key
		posts.Go(func() {
			server := []*Server{r.server, other}[i%2]
			if _, err := server.take(context.Background(), token, key); err != nil {
				t.Error(err)
			}
		})
	}
	posts.Wait()
	for _, s := range []*Server{r.server, other} {
		_, err := s.book.refresh()
		check(t, err)
		for _, key := range keys {
			if _, err := s.book.account(key); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
}

func TestActivations(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	exporter := testkeys.New(t, nkeys.CreateAccount)
	ac := claims.NewAccount(testkeys.Public(t, exporter), "E")
	ac.Exports.Add(&jwt.Export{Name: "x", Subject: "x.>", Type: jwt.Stream, TokenReq: true})
	r.put(t, "E", testkeys.Encode(t, ac, r.key))
	target := testkeys.Public(t, testkeys.New(t, nkeys.CreateAccount))
	act := jwt.NewActivationClaims(target)
	act.Name, act.ImportSubject, act.ImportType = "x.a", "x.a", jwt.Stream
	token := testkeys.Encode(t, act, exporter)
	hash, err := act.HashID()
	check(t, err)
	r.get(t, "/jwt/v1/activations/"+hash).wants(t, 404, "")
	r.post(t, "/jwt/v1/activations", token).wants(t, 200, "")
	a := r.get(t, "/jwt/v1/activations/"+hash)
	a.wants(t, 200, token)
	r.get(t, "/jwt/v1/activations/"+hash, "If-None-Match", a.header.Get("Etag")).wants(t, 304, "")
	r.post(t, "/jwt/v1/activations", testkeys.EncodeAt(t, act, exporter, time.Now().Add(-time.Hour))).wants(t, 409, "older")
	r.get(t, "/jwt/v1/activations/"+hash).wants(t, 200, token)

	act.ImportSubject = "y.a"
	r.post(t, "/jwt/v1/activations", testkeys.Encode(t, act, exporter)).wants(t, 400, "no such export")
	act.ImportSubject = "x.b"
	r.post(t, "/jwt/v1/activations", testkeys.Encode(t, act, testkeys.New(t, nkeys.CreateAccount))).wants(t, 400, "not here")
	_, account := r.account(t, "Z")
	r.post(t, "/jwt/v1/activations", account).wants(t, 400, "")
	ac.Exports[0].RevokeAt(target, time.Now())
	r.put(t, "E", testkeys.Encode(t, ac, r.key))
	r.post(t, "/jwt/v1/activations", testkeys.Encode(t, act, exporter)).wants(t, 400, "revoked")
	for _, bad := range []string{"..%2f..%2fO", "x", strings.Repeat("A", 300)} {
		r.get(t, "/jwt/v1/activations/"+bad).wants(t, 404, "")
	}
}
