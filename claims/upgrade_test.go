package claims

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const headerOf1 = `{"typ":"jwt","alg":"ed25519"}`

// tokenOf1 is a token of version 1, whose signature is over the payload alone.
func tokenOf1(t testing.TB, by nkeys.KeyPair, payload string) string {
	t.Helper()
	issuer, err := by.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	payload = strings.ReplaceAll(payload, "ISSUER", issuer)
	body := base64.RawURLEncoding.EncodeToString([]byte(payload))
	sig, err := by.Sign([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(headerOf1)) + "." + body + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func pairFor(t testing.TB, kind nkeys.PrefixByte) nkeys.KeyPair {
	t.Helper()
	kp, err := nkeys.FromRawSeed(kind, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	operator, account := pairFor(t, nkeys.PrefixByteOperator), pairFor(t, nkeys.PrefixByteAccount)
	const user = "UA6E2HKI3TLTNBPVLSUPT4PVRKODAG66HGTDFCSW7ECJK3ZVMXYQMXRL"
	for name, tt := range map[string]struct {
		token string
		want  string // JSON of the claims
	}{
		"operator": {
			tokenOf1(t, operator, `{"iat":1,"iss":"ISSUER","sub":"ISSUER","name":"O","type":"operator","tags":["t"],"nats":{"account_server_url":"https://x/jwt/v1"}}`),
			`{"iat":1,"iss":"ISSUER","name":"O","sub":"ISSUER","nats":{"account_server_url":"https://x/jwt/v1","tags":["t"],"type":"operator","version":2}}`,
		},
		"user without limits": {
			tokenOf1(t, account, `{"iat":1,"iss":"ISSUER","sub":"`+user+`","name":"u","type":"user","issuer_account":"ISSUER","nats":{"pub":{"allow":["x"]}}}`),
			`{"iat":1,"iss":"ISSUER","name":"u","sub":"` + user + `","nats":{"pub":{"allow":["x"]},"sub":{},"subs":-1,"data":-1,"payload":-1,"issuer_account":"ISSUER","type":"user","version":2}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, old, err := Upgrade(tt.token)
			if err != nil || !old {
				t.Fatalf("old %v, %v", old, err)
			}
			got, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(tt.want, "ISSUER", c.Claims().Issuer); string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if _, err := Read(tt.token); err == nil {
				t.Error("Read takes it, too")
			}
		})
	}
}

func TestUpgradeRefused(t *testing.T) {
	t.Parallel()
	operator := pairFor(t, nkeys.PrefixByteOperator)
	good := tokenOf1(t, operator, `{"iss":"ISSUER","sub":"ISSUER","name":"O","type":"operator","nats":{}}`)
	for name, token := range map[string]string{
		"changed":       strings.Replace(good, ".ey", ".ez", 1),
		"other subject": tokenOf1(t, operator, `{"iss":"ISSUER","sub":"UA6E2HKI3TLTNBPVLSUPT4PVRKODAG66HGTDFCSW7ECJK3ZVMXYQMXRL","type":"operator","nats":{}}`),
		"activation":    tokenOf1(t, operator, `{"iss":"ISSUER","sub":"ISSUER","type":"activation","nats":{"subject":"x","type":"stream"}}`),
		"member twice":  tokenOf1(t, operator, `{"iss":"ISSUER","sub":"ISSUER","name":"a","name":"b","type":"operator","nats":{}}`),
		"null export":   tokenOf1(t, operator, `{"iss":"ISSUER","sub":"AAB6MNPUS6CVGL766LGI6GEVZ2SNXCKXVC67QFIRX7OOWTCB4XMFZO6B","type":"account","nats":{"exports":[null]}}`),
		"before 1970":   tokenOf1(t, operator, `{"iss":"ISSUER","sub":"ISSUER","exp":-1,"type":"operator","nats":{}}`),
		"unknown kind":  tokenOf1(t, operator, `{"iss":"ISSUER","sub":"ISSUER","type":"cluster","nats":{}}`),
	} {
		if c, old, err := Upgrade(token); err == nil || !old {
			t.Errorf("%s: got %v, old %v, %v", name, c, old, err)
		}
	}
}

// TestUpgradeNot leaves everything else to others.
func TestUpgradeNot(t *testing.T) {
	t.Parallel()
	operator := pairFor(t, nkeys.PrefixByteOperator)
	public, err := operator.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	present, err := jwt.NewOperatorClaims(public).Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "x", "a.b.c", present} {
		if c, old, err := Upgrade(token); c != nil || old || err != nil {
			t.Errorf("%q: got %v, old %v, %v", token, c, old, err)
		}
	}
}

func FuzzUpgrade(f *testing.F) {
	operator := pairFor(f, nkeys.PrefixByteOperator)
	f.Add(`{"iss":"ISSUER","sub":"ISSUER","type":"operator","nats":{}}`)
	f.Add(`{"iss":"ISSUER","sub":"ISSUER","type":"account","nats":{"limits":{"conn":1},"imports":[{}],"signing_keys":["A"]}}`)
	f.Add(`{"iss":"ISSUER","type":"user","nats":{"src":"10.0.0.0/8","times":[{}]}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		c, _, err := Upgrade(tokenOf1(t, operator, payload))
		if err == nil && c != nil {
			if _, err := c.Encode(operator); err == nil && c.Claims().Issuer == "" {
				t.Error("signed by nobody")
			}
		}
	})
}
