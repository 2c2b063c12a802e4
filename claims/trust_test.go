package claims

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// world is an operator with a signing key, and an account with a plain and a
// scoped one.
type world struct {
	op                         *jwt.OperatorClaims
	ac                         *jwt.AccountClaims
	oKey, oSign                nkeys.KeyPair
	aKey, aSign, aScoped       nkeys.KeyPair
	oSignPub, aSignPub, scoped string
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{}
	var o, a string
	w.oKey, o = key(tb, nkeys.PrefixByteOperator)
	w.oSign, w.oSignPub = key(tb, nkeys.PrefixByteOperator)
	w.aKey, a = key(tb, nkeys.PrefixByteAccount)
	w.aSign, w.aSignPub = key(tb, nkeys.PrefixByteAccount)
	w.aScoped, w.scoped = key(tb, nkeys.PrefixByteAccount)
	w.op = NewOperator(o, "O")
	w.op.SigningKeys.Add(w.oSignPub)
	w.ac = NewAccount(a, "A")
	w.ac.SigningKeys.Add(w.aSignPub)
	scopedKey(w.scoped)(w.ac)
	return w
}

// judge holds that err is nil or a *TrustError about kind that contains want.
func judge(t *testing.T, err error, kind jwt.ClaimType, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("error %v", err)
		}
		return
	}
	var trust *TrustError
	if !errors.As(err, &trust) || trust.Kind != kind || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestVerifyOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := key(t, nkeys.PrefixByteOperator)
	tests := []struct {
		name   string
		token  string
		reason string
	}{
		{"identity", sign(t, w.op, w.oKey), ""},
		{"signing key", sign(t, w.op, w.oSign), ""},
		{"foreign key", sign(t, w.op, foreign), `operator "O": issuer "O`},
		{"an account", sign(t, w.ac, w.oKey), `token is of type "account"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := VerifyOperator(tt.token)
			judge(t, err, jwt.OperatorClaim, tt.reason)
			if (c == nil) != (err != nil) {
				t.Errorf("claims %v with error %v", c, err)
			}
		})
	}
}

func TestVerifyAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := key(t, nkeys.PrefixByteOperator)
	strict := *w.op
	strict.StrictSigningKeyUsage = true
	byIdentity, byKey := sign(t, w.ac, w.oKey), sign(t, w.ac, w.oSign)
	bySelf, byOwn, byScoped := sign(t, w.ac, w.aKey), sign(t, w.ac, w.aSign), sign(t, w.ac, w.aScoped)
	tests := []struct {
		name    string
		token   string
		op      *jwt.OperatorClaims
		managed bool
		reason  string
	}{
		{"identity", byIdentity, w.op, false, ""},
		{"signing key", byKey, w.op, false, ""},
		{"strict", byKey, &strict, false, ""},
		{"strict, identity", byIdentity, &strict, false, `account "A": issued by the identity of operator "O"`},
		{"foreign", sign(t, w.ac, foreign), w.op, true, `is not a key of operator "O"`},
		{"self", bySelf, w.op, false, `is not a key of operator "O"`},
		{"managed", bySelf, w.op, true, ""},
		{"managed, own key", byOwn, w.op, true, ""},
		{"managed, scoped key", byScoped, w.op, true, `is not a key of operator "O"`},
		{"an operator", sign(t, w.op, w.oKey), w.op, false, `token is of type "operator"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := VerifyAccount(tt.token, tt.op, tt.managed)
			judge(t, err, jwt.AccountClaim, tt.reason)
		})
	}
}

func TestVerifyUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := key(t, nkeys.PrefixByteAccount)
	user := func(issuerAccount string, signer nkeys.KeyPair, edit func(*jwt.UserClaims)) string {
		u := NewUser(pub(t, nkeys.PrefixByteUser), "U")
		u.IssuerAccount = issuerAccount
		edit(u)
		return sign(t, u, signer)
	}
	as := func(*jwt.UserClaims) {}
	a, other := w.ac.Subject, pub(t, nkeys.PrefixByteAccount)
	tests := []struct{ name, token, reason string }{
		{"identity", user("", w.aKey, as), ""},
		{"identity, named", user(a, w.aKey, as), ""},
		{"signing key", user(a, w.aSign, as), ""},
		{"signing key, unnamed", user("", w.aSign, as), `without naming account "A"`},
		{"other account", user(other, w.aSign, as), `user "U": issuer account "A`},
		{"foreign key", user(a, foreign, as), `is not a key of account "A"`},
		{"scoped", user(a, w.aScoped, Scope), ""},
		{"scoped with limits", user(a, w.aScoped, as), "carries permissions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := VerifyUser(tt.token, w.ac)
			judge(t, err, jwt.UserClaim, tt.reason)
			if err == nil && Scoped(w.ac, c) != (tt.name == "scoped") {
				t.Error("Scoped is wrong")
			}
		})
	}
}

// rawToken signs any payload under any header.
func rawToken(tb testing.TB, header, payload string, kp nkeys.KeyPair) string {
	tb.Helper()
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(payload))
	signed := text
	if strings.Contains(payload, `"type":"operator","sub"`) { // version 1 signs the payload alone
		_, signed, _ = strings.Cut(text, ".")
	}
	sig, err := kp.Sign([]byte(signed))
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + enc.EncodeToString(sig)
}

func TestHostileTokens(t *testing.T) {
	t.Parallel()
	kp, o := key(t, nkeys.PrefixByteOperator)
	_, a := key(t, nkeys.PrefixByteAccount)
	good := sign(t, NewOperator(o, "O"), kp)
	const header = `{"typ":"JWT","alg":"ed25519-nkey"}`
	v2 := fmt.Sprintf(`{"iss":%q,"sub":%q,"nats":{"type":"operator","version":2}}`, o, o)
	tests := []struct{ name, token, reason string }{
		{"good", rawToken(t, header, v2, kp), ""},
		{"empty", "", "1 parts instead of 3"},
		{"four parts", good + ".x", "4 parts instead of 3"},
		{"trailing line break", good + "\n", "line break"},
		{"line break inside", good[:50] + "\r\n" + good[50:], "line break"},
		{"trailing garbage", good + "AAAA", "signature"},
		{"blank", " " + good, "header: is not base64url"},
		{"huge", strings.Repeat("A", MaxTokenSize+1), "more than the 1048576 that are allowed"},
		{"no algorithm", rawToken(t, `{"typ":"JWT","alg":"none"}`, v2, kp), `algorithm "none"`},
		{"other case", rawToken(t, `{"typ":"JWT","alg":"ED25519-NKEY"}`, v2, kp), `algorithm "ED25519-NKEY"`},
		{"other type", rawToken(t, `{"typ":"JOSE","alg":"ed25519-nkey"}`, v2, kp), `type "JOSE"`},
		{"header", rawToken(t, `{}x`, v2, kp), "header"},
		{"payload", rawToken(t, header, `{"nats":`, kp), "unexpected end"},
		{"version 1 algorithm", rawToken(t, `{"typ":"jwt","alg":"ed25519"}`, v2, kp), "version 1"},
		{"version 1 claims", rawToken(t, header, fmt.Sprintf(`{"iss":%q,"type":"operator","sub":%q,"nats":{}}`, o, o), kp), "version 1"},
		{"version 3", rawToken(t, header, strings.Replace(v2, `:2}`, `:3}`, 1), kp), "newer version"},
		{"subject", rawToken(t, header, strings.Replace(v2, `"sub":"`+o, `"sub":"`+a, 1), kp), "is no operator public key"},
		{"unknown kind", rawToken(t, header, strings.Replace(v2, `operator`, `x`, 1), kp), `is of type "x"`},
		{"tampered", good[:len(good)-10] + "AAAAAAAAAA", "signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := VerifyOperator(tt.token)
			judge(t, err, jwt.OperatorClaim, tt.reason)
		})
	}
	null := rawToken(t, header, fmt.Sprintf(`{"iss":%q,"sub":%q,"nats":{"exports":[null],"type":"account","version":2}}`, o, a), kp)
	_, err := VerifyAccount(null, NewOperator(o, "O"), false)
	judge(t, err, jwt.AccountClaim, "null export")
}

// TestLastCharacter holds that a signature has one spelling: the bits that its
// last character carries beyond the last byte must be zero.
func TestLastCharacter(t *testing.T) {
	t.Parallel()
	kp, o := key(t, nkeys.PrefixByteOperator)
	good := sign(t, NewOperator(o, "O"), kp)
	accepted := 0
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if _, err := VerifyOperator(good[:len(good)-1] + string(last)); err == nil {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("%d spellings are accepted", accepted)
	}
}

func FuzzVerifyAccount(f *testing.F) {
	w := newWorld(f)
	f.Add(sign(f, w.ac, w.oKey))
	f.Add(sign(f, w.op, w.oKey))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		c, err := VerifyAccount(token, w.op, true)
		if err != nil {
			return
		}
		if again := sign(t, c, w.oKey); again == "" {
			t.Error("accepted claims cannot be signed again")
		}
	})
}

func TestSigners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, a := w.op.Subject, w.ac.Subject
	second := pub(t, nkeys.PrefixByteAccount)
	w.ac.SigningKeys.Add(second)
	both := []string{w.aSignPub, second}
	slices.Sort(both)
	strict := *w.op
	strict.StrictSigningKeyUsage = true
	plain, scoped := UserSigners(w.op, w.ac)
	strictPlain, _ := UserSigners(&strict, w.ac)
	for _, tt := range []struct {
		name      string
		got, want []string
	}{
		{"operator", OperatorSigners(w.op), []string{o, w.oSignPub}},
		{"strict operator", OperatorSigners(&strict), []string{w.oSignPub}},
		{"account", AccountSigners(w.op, w.ac, false), []string{o, w.oSignPub}},
		{"managed account", AccountSigners(w.op, w.ac, true), append([]string{o, w.oSignPub, a}, both...)},
		{"strict managed account", AccountSigners(&strict, w.ac, true), append([]string{w.oSignPub, a}, both...)},
		{"user", plain, append([]string{a}, both...)},
		{"scoped user", scoped, []string{w.scoped}},
		{"strict user", strictPlain, both},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}
