package claims

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TestForgedTokens pins what is said of tokens that are not what they seem.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, a, u := w.op.Subject, w.ac.Subject, pub(t, nkeys.PrefixByteUser)
	good := sign(t, w.ac, w.oKey)
	v2 := fmt.Sprintf(`{"iss":%q,"sub":%q,"nats":{"type":"account","version":2}}`, o, a)
	with := func(old, now string) string { return rawToken(t, nkeyHeader, strings.Replace(v2, old, now, 1), w.oKey) }
	alg := func(name string) string { return rawToken(t, `{"typ":"JWT","alg":"`+name+`"}`, v2, w.oKey) }
	key := strings.Replace(nkeyHeader, `"alg"`, `"alg":"none","alg"`, 1)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	tests := []struct{ name, token, reason string }{
		{"good", with("", ""), ""},
		{"none", alg("none"), `algorithm "none": only "ed25519-nkey"`},
		{"none, unsigned", strings.Join(strings.Split(alg("none"), ".")[:2], ".") + ".", `algorithm "none"`},
		{"HS256", alg("HS256"), `algorithm "HS256": only "ed25519-nkey"`},
		{"two algorithms", rawToken(t, key, v2, w.oKey), `header: has "alg" twice`},
		{"algorithm in another case", rawToken(t, strings.Replace(key, `"alg":"none"`, `"ALG":"none"`, 1), v2, w.oKey), `header: has "alg" twice`},
		{"header of no object", rawToken(t, `"JWT"`, v2, w.oKey), "header: is not a JSON object"},
		{"payload of no object", rawToken(t, nkeyHeader, `[]`, w.oKey), "payload: is not a JSON object"},
		{"null payload", rawToken(t, nkeyHeader, `null`, w.oKey), "payload: is not a JSON object"},
		{"empty payload", rawToken(t, nkeyHeader, ``, w.oKey), "payload: is not a JSON object"},
		{"torn payload", rawToken(t, nkeyHeader, v2[:20], w.oKey), "payload: is not JSON"},
		{"wrong value", with(`"nats":{`, `"nats":{"limits":{"subs":"many"},`), "payload: has a string where it must not: nats.limits.subs"},
		{"newer", with(`"version":2`, `"version":3`), "made by a newer version of the format, 3: use a newer nkeep"},
		{"no version", with(`,"version":2`, ``), "version 0, which there is not"},
		{"negative version", with(`"version":2`, `"version":-1`), "version -1, which there is not"},
		{"version 1", with(`"version":2`, `"version":1`), "version 1 and must be issued again"},
		{"unknown kind", with(`"account"`, `"cluster"`), `is of type "cluster"`},
		{"no kind", with(`"type":"account",`, ``), `is of type ""`},
		{"operator", sign(t, w.op, w.oKey), `is of type "operator"`},
		{"subject of another kind", with(`"sub":"`+a, `"sub":"`+u), "is no account public key"},
		{"no subject", with(`"sub":"`+a+`",`, ``), `subject "" is no account public key`},
		{"no issuer", with(`"iss":"`+o+`",`, ``), "names no issuer"},
		{"issuer of no kind", with(`"iss":"`+o, `"iss":"junk`), `issuer "junk`},
		{"issuer of the wrong kind", userSigned(t, a), `is no key that issues a token of type "account"`},
		{"other issuer", with(`"iss":"`+o, `"iss":"`+w.oSignPub), "signature is not one of issuer"},
		{"signature of another", good[:strings.LastIndex(good, ".")] + with("", "")[strings.LastIndex(with("", ""), "."):], "signature is not one of issuer"},
		{"cut off by a character", good[:len(good)-1], "signature: "},
		{"cut off by bytes", good[:len(good)-6], "signature: has 60 bytes instead of 64"},
		{"cut off before the signature", good[:strings.LastIndex(good, ".")], "2 parts instead of 3"},
		{"oversized", good + strings.Repeat("A", MaxTokenSize), "more than the 1048576"},
		{"deep", with(`"nats":{`, `"nats":{"x":`+deep+`,`), "deeper than 32 levels"},
		{"two subjects", with(`"sub"`, `"sub":"`+u+`","sub"`), `payload: has "sub" twice`},
		{"two subjects, by case", with(`"sub"`, `"Sub":"`+u+`","sub"`), `payload: has "sub" twice`},
		{"two subjects, escaped", with(`"sub"`, `"s\u0075b":"`+u+`","sub"`), `payload: has "sub" twice`},
		{"two sets of claims", with(`"nats"`, `"nats":{"type":"user"},"nats"`), `payload: has "nats" twice`},
		{"two limits", with(`"nats":{`, `"nats":{"limits":{"conn":-1,"CONN":1},`), `payload: has "CONN" twice`},
		{"two unknowns, by case", with(`"nats":{`, `"nats":{"xy":-1,"XY":1,`), `has "XY" twice`},
		{"keys in two cases", with(`"nats":{`, `"nats":{"revocations":{"a":1,"A":2},"mappings":{"x":[],"X":[]},`), ""},
		{"one key twice", with(`"nats":{`, `"nats":{"revocations":{"a":1,"a":2},`), `has "a" twice`},
		{"unknown twice", with(`"nats":{`, `"x":{"y":1,"y":2},"nats":{`), `has "y" twice`},
		{"negative expiry", with(`"nats"`, `"exp":-1,"nats"`), "exp is -1, before 1970"},
		{"milliseconds", with(`"nats"`, `"exp":1700000000000,"nats"`), "exp is 1700000000000, after the year 9999: it counts seconds"},
		{"negative start", with(`"nats"`, `"nbf":-9223372036854775808,"nats"`), "nbf is -9223372036854775808, before 1970"},
		{"issued late", with(`"nats"`, `"iat":9223372036854775807,"nats"`), "iat is 9223372036854775807, after"},
		{"fraction", with(`"nats"`, `"exp":1.5,"nats"`), "payload: has a number 1.5 where it must not: exp"},
		{"many names", with(`"nats":{`, `"nats":{`+manyNames(40)), ""},
		{"many names, one twice", with(`"nats":{`, `"nats":{`+manyNames(40)+`"n39":1,`), `has "n39" twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := VerifyAccount(tt.token, w.op, false)
			judge(t, err, jwt.AccountClaim, tt.reason)
		})
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"n%d":0,`, i)
	}
	return b.String()
}

// userSigned is an account that a user issued, which jwt refuses late.
func userSigned(tb testing.TB, account string) string {
	tb.Helper()
	kp, u := key(tb, nkeys.PrefixByteUser)
	return rawToken(tb, nkeyHeader, fmt.Sprintf(`{"iss":%q,"sub":%q,"nats":{"type":"account","version":2}}`, u, account), kp)
}

// FuzzForged gives every kind of verification any payload under a signature
// that fits, and any other text as a token: errors are a *TrustError.
func FuzzForged(f *testing.F) {
	w := newWorld(f)
	keys := strings.NewReplacer("$O", w.op.Subject, "$A", w.ac.Subject, "$S", w.scoped)
	f.Add(nkeyHeader, `{"iss":"$O","sub":"$A","nats":{"type":"account","version":2}}`)
	f.Add(nkeyHeader, `{"iss":"$O","sub":"$O","exp":-1,"nats":{"type":"operator","version":3}}`)
	f.Add(nkeyHeader, `{"iss":"$O","sub":"$A","nats":{"signing_keys":[{"kind":"user_scope"}],"exports":[null],"type":"account","version":2}}`)
	f.Add(`{"alg":"none"}`, `{"type":"user","nats":[]}`)
	f.Add(``, `null`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		signed := rawToken(t, header, keys.Replace(payload), w.oKey)
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + payload
		for _, token := range []string{signed, text, payload} {
			_, err := VerifyOperator(token)
			verified(t, err)
			_, err = VerifyAccount(token, w.op, true)
			verified(t, err)
			_, err = VerifyUser(token, w.ac)
			verified(t, err)
		}
	})
}

func verified(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		if _, ok := err.(*TrustError); !ok { //nolint:errorlint // the type itself is promised
			t.Errorf("%T: %v", err, err)
		}
	}
}

// TestStanding holds that times count from their second on, and 0 is none.
func TestStanding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		exp, nbf, now int64
		want          string
		level         Level
	}{
		{0, 0, 100, "", ""},
		{101, 100, 100, "", ""},
		{100, 0, 100, "has expired on 1970-01-01T00:01:40Z", LevelExpired},
		{0, 101, 100, "is not valid before 1970-01-01T00:01:41Z", LevelNotYetValid},
		{50, 200, 100, "has expired on 1970-01-01T00:00:50Z", LevelExpired},
	} {
		got := StandingAt(&jwt.ClaimsData{Expires: tt.exp, NotBefore: tt.nbf}, tt.now)
		if got.String() != tt.want || got.Level != tt.level {
			t.Errorf("exp %d nbf %d at %d: %q %q", tt.exp, tt.nbf, tt.now, got.Level, got)
		}
	}
}
