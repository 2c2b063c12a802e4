package claims

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// key makes a key pair of the kind that prefix names and returns it with its
// public key.
func key(tb testing.TB, prefix nkeys.PrefixByte) (nkeys.KeyPair, string) {
	tb.Helper()
	kp, err := nkeys.CreatePair(prefix)
	if err != nil {
		tb.Fatal(err)
	}
	pub, err := kp.PublicKey()
	if err != nil {
		tb.Fatal(err)
	}
	return kp, pub
}

func pub(tb testing.TB, prefix nkeys.PrefixByte) string {
	tb.Helper()
	_, p := key(tb, prefix)
	return p
}

// sign encodes c with kp and returns the token.
func sign(tb testing.TB, c jwt.Claims, kp nkeys.KeyPair) string {
	tb.Helper()
	token, err := c.Encode(kp)
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// TestNewClaims pins the JSON of new claims, signed and read again.
func TestNewClaims(t *testing.T) {
	t.Parallel()
	okp, o := key(t, nkeys.PrefixByteOperator)
	akp, a := key(t, nkeys.PrefixByteAccount)
	_, sk := key(t, nkeys.PrefixByteAccount)
	_, u := key(t, nkeys.PrefixByteUser)
	const limits = `"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1},` +
		`"default_permissions":{"pub":{},"sub":{}},"authorization":{},"type":"account","version":2`
	tests := []struct {
		name   string
		claims jwt.Claims
		signer nkeys.KeyPair
		want   string
	}{
		{"operator", NewOperator(o, "O"), okp, `{"iss":"` + o + `","name":"O","sub":"` + o + `","nats":{"type":"operator","version":2}}`},
		{"account", NewAccount(a, "A"), okp, `{"iss":"` + o + `","name":"A","sub":"` + a + `","nats":{` + limits + `}}`},
		{"user", NewUser(u, "U"), akp, `{"iss":"` + a + `","name":"U","sub":"` + u + `","nats":{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2}}`},
		{
			"system account", NewSystemAccount(a, sk), okp, `{"iss":"` + o + `","name":"SYS","sub":"` + a + `","nats":{` +
				`"exports":[{"name":"account-monitoring-streams","subject":"$SYS.ACCOUNT.*.>","type":"stream","account_token_position":3,` +
				`"description":"Events about the importing account: connections opened and closed, and their number","info_url":"` + systemInfoURL + `"},` +
				`{"name":"account-monitoring-services","subject":"$SYS.REQ.ACCOUNT.*.*","type":"service","response_type":"Stream","account_token_position":4,` +
				`"description":"Requests about the importing account: SUBSZ, CONNZ, LEAFZ, JSZ, INFO and STATZ","info_url":"` + systemInfoURL + `"}],` +
				`"signing_keys":["` + sk + `"],` + limits + `}}`,
		},
		{
			"temporary user", NewTemporaryUser(u, "push", a, []string{"$SYS.REQ.CLAIMS.UPDATE"}, nil, 1893456000), akp,
			`{"exp":1893456000,"iss":"` + a + `","name":"push","sub":"` + u + `","nats":{"pub":{"allow":["$SYS.REQ.CLAIMS.UPDATE"]},"sub":{"deny":[">"]},` +
				`"subs":-1,"data":-1,"payload":-1,"issuer_account":"` + a + `","type":"user","version":2}}`,
		},
		{"scoped user", scoped(NewUser(u, "U")), akp, `{"iss":"` + a + `","name":"U","sub":"` + u + `","nats":{"pub":{},"sub":{},"type":"user","version":2}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if issues := Check(tt.claims, epoch()); len(issues) > 0 {
				t.Errorf("Check = %v", issues)
			}
			decoded, err := decode(sign(t, tt.claims, tt.signer))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := stamped(t, decoded), canonical(t, tt.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func scoped(u *jwt.UserClaims) *jwt.UserClaims {
	Scope(u)
	return u
}

// stamped returns the JSON of c without iat and jti.
func stamped(tb testing.TB, c jwt.Claims) string {
	tb.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	return canonical(tb, string(data))
}

func canonical(tb testing.TB, text string) string {
	tb.Helper()
	var m map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		tb.Fatal(err)
	}
	maps.DeleteFunc(m, func(k string, _ any) bool { return slices.Contains([]string{"iat", "jti"}, k) })
	data, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}
