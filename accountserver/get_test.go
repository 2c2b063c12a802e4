package accountserver

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"nkeep/internal/testkeys"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestAccountIsServed(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	r.get(t, "/jwt/v1/accounts/").wants(t, 200, "")
	r.get(t, "/jwt/v1/accounts").wants(t, 200, "")
	key, token := r.stored(t, "A") // after the server has started
	a := r.get(t, "/jwt/v1/accounts/"+key)
	if a.body != token || a.status != 200 || a.header.Get("Content-Type") != "application/jwt" {
		t.Fatalf("answer is %+v", a)
	}
	etag := a.header.Get("Etag")
	if !strings.HasPrefix(etag, `"`) || len(etag) < 10 {
		t.Errorf("etag is %s", etag)
	}
	for header, want := range map[string]int{etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, "*": 304, `"x"`: 200, "": 200} {
		if got := r.get(t, "/jwt/v1/accounts/"+key, "If-None-Match", header); got.status != want || want == 304 && got.body != "" {
			t.Errorf("If-None-Match %s: %d %q, want %d", header, got.status, got.body, want)
		}
	}
	head := r.do(t, http.MethodHead, "/jwt/v1/accounts/"+key, "")
	if head.status != 200 || head.body != "" || head.header.Get("Etag") != etag {
		t.Errorf("HEAD: %+v", head)
	}
	r.get(t, "/jwt/v1/accounts/"+key+"?text=TRUE").wants(t, 200, token)
	for _, form := range []string{"text", "decode"} {
		if rule := r.get(t, "/jwt/v1/accounts/"+key+"?"+form+"=true").header.Get("Cache-Control"); rule != neverRule {
			t.Errorf("%s may be kept: %s", form, rule)
		}
	}
	r.get(t, "/jwt/v1/accounts/"+key+"?check=true").wants(t, 200, token)
	r.get(t, "/jwt/v1/accounts/"+key+"?jti=x").wants(t, 501, "")
	r.do(t, http.MethodDelete, "/jwt/v1/accounts/"+key, "").wants(t, 405, "")
}

// TestNewestIsServed replaces tokens faster than the clock of the disk ticks.
func TestNewestIsServed(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, token := r.stored(t, "A")
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
	for range 50 {
		token = r.again(t, token, time.Now(), func(*jwt.AccountClaims) {})
		r.put(t, "A", token)
		r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
	}
	r.update(t, func(tx *jwtstore.Tx) error { _, err := tx.RemoveAccount(operatorName, "A"); return err })
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 404, "not found")
}

// TestNameChangesHands has another account take the name of one that is gone.
func TestNameChangesHands(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	old, token := r.stored(t, "A")
	r.get(t, "/jwt/v1/accounts/"+old).wants(t, 200, token)
	key, token := r.stored(t, "A")
	r.get(t, "/jwt/v1/accounts/"+old).wants(t, 404, "")
	_, err := r.server.book.refresh()
	check(t, err)
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, token)
}

// TestForgeriesStay does not hand out what the operator did not sign.
func TestForgeriesStay(t *testing.T) {
	t.Parallel()
	r, stranger := newRealm(t), newRealm(t)
	key, token := stranger.account(t, "A")
	r.put(t, "A", token)
	if a := r.get(t, "/jwt/v1/accounts/"+key); a.status == 200 || strings.Contains(a.body, r.root.Path()) {
		t.Errorf("a stranger's token: %d %q", a.status, a.body)
	}
	check(t, os.WriteFile(mustStore(t, r).AccountPath("A"), []byte("junk"), 0o600))
	if a := r.get(t, "/jwt/v1/accounts/"+key); a.status == 200 {
		t.Errorf("junk: %d %q", a.status, a.body)
	}
}

func mustStore(t *testing.T, r *realm) *jwtstore.Store {
	t.Helper()
	store, err := r.root.Operator(operatorName)
	check(t, err)
	return store
}

func TestExpiryDecidesCaching(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, _ := r.stored(t, "A", func(ac *jwt.AccountClaims) { ac.Expires = time.Now().Add(time.Hour).Unix() })
	gone, _ := r.stored(t, "B", func(ac *jwt.AccountClaims) { ac.Expires = time.Now().Add(-time.Hour).Unix() })
	never, _ := r.stored(t, "C")
	if rule := r.get(t, "/jwt/v1/accounts/"+key).header.Get("Cache-Control"); !strings.HasPrefix(rule, "max-age=3") || !strings.Contains(rule, staleRule) {
		t.Errorf("an hour is left: %s", rule)
	}
	for _, k := range []string{gone, never} {
		if rule := r.get(t, "/jwt/v1/accounts/"+k).header.Get("Cache-Control"); !strings.HasPrefix(rule, "max-age=0,") {
			t.Errorf("no time is left: %s", rule)
		}
	}
	r.get(t, "/jwt/v1/accounts/"+gone).wants(t, 200, "")
	r.get(t, "/jwt/v1/accounts/"+gone+"?check=true").wants(t, 404, "")
	pack := r.get(t, "/jwt/v1/pack").body
	if !strings.Contains(pack, key+"|") || !strings.Contains(pack, never+"|") || strings.Contains(pack, gone) || strings.Count(pack, "\n") != 2 {
		t.Errorf("pack is %q", pack)
	}
	if one := r.get(t, "/jwt/v1/pack?max=1").body; strings.Count(one, "\n") != 1 {
		t.Errorf("pack of one is %q", one)
	}
	r.get(t, "/jwt/v1/pack?max=-1").wants(t, 200, key)
	r.get(t, "/jwt/v1/pack?max=10001").wants(t, 400, "")
	r.get(t, "/jwt/v1/pack?max=x").wants(t, 400, "")
}

func TestDecodeIsJSON(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	from, _ := r.stored(t, "FROM")
	act := jwt.NewActivationClaims(from)
	act.ImportSubject, act.ImportType, act.Name = "x.>", jwt.Stream, "x.>"
	token := testkeys.Encode(t, act, testkeys.New(t, nkeys.CreateAccount))
	key, _ := r.stored(t, "A", func(ac *jwt.AccountClaims) {
		ac.Imports.Add(&jwt.Import{Name: "x", Subject: "x.>", Account: from, Token: token, Type: jwt.Stream})
	})
	a := r.get(t, "/jwt/v1/accounts/"+key+"?decode=true")
	var d struct {
		Header map[string]string
		Issued time.Time
		Claims struct {
			Name string
			Nats struct {
				Imports []struct {
					Subject    string
					Activation struct{ Claims struct{ Name string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(a.body), &d); err != nil || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v: %s", err, a.body)
	}
	if d.Claims.Name != "A" || d.Header["alg"] != "ed25519-nkey" || d.Issued.IsZero() || d.Claims.Nats.Imports[0].Activation.Claims.Name != "x.>" {
		t.Errorf("decoded as %+v of %s", d, a.body)
	}
}

func TestOtherPaths(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	key, _ := r.stored(t, "<script>A")
	operator := r.get(t, "/jwt/v1/operator")
	if oc, err := jwt.DecodeOperatorClaims(operator.body); err != nil || oc.Subject != r.public || operator.header.Get("Etag") == "" {
		t.Errorf("operator: %v %+v", err, operator)
	}
	r.get(t, "/jwt/v1/help").wants(t, 200, "/jwt/v1/accounts/KEY")
	r.get(t, "/healthz").wants(t, 200, "")
	r.get(t, "/readyz").wants(t, 200, "")
	r.get(t, "/metrics").wants(t, 200, "nkeep_accounts 0")
	r.get(t, "/jwt/v1/accounts/"+key).wants(t, 200, "")
	r.get(t, "/metrics").wants(t, 200, `nkeep_http_requests_total{route="GET /jwt/v1/accounts/{key}",code="200"} 1`)
	page := r.get(t, "/")
	page.wants(t, 200, key)
	if strings.Contains(page.body, "<script") || page.header.Get("Content-Security-Policy") == "" {
		t.Errorf("page is %s", page.body)
	}
	cors := r.do(t, http.MethodOptions, "/jwt/v1/accounts/"+key, "", "Origin", "http://example.org", "Access-Control-Request-Method", "GET")
	if cors.status != 204 || cors.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(cors.header.Get("Access-Control-Allow-Methods"), "GET") {
		t.Errorf("preflight: %+v", cors)
	}
	for _, path := range []string{"/jwt/v1/accounts/x", "/jwt/v1/accounts/" + r.public, "/jwt/v1/accounts/..%2f..%2fO", "/jwt/v1/nothing", "/x"} {
		r.get(t, path).wants(t, 404, "")
	}
	check(t, os.Remove(mustStore(t, r).OperatorPath()))
	r.get(t, "/readyz").wants(t, 503, "")
}
