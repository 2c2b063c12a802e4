package jwtstore_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func pair(tb testing.TB, kind nkeys.PrefixByte) (nkeys.KeyPair, string) {
	tb.Helper()
	kp, err := nkeys.CreatePair(kind)
	must(tb, err)
	public, err := kp.PublicKey()
	must(tb, err)
	return kp, public
}

// accountToken is a token of a new account, signed by a new operator.
func accountToken(tb testing.TB, name string) (token, public string) {
	tb.Helper()
	signer, _ := pair(tb, nkeys.PrefixByteOperator)
	_, public = pair(tb, nkeys.PrefixByteAccount)
	c := jwt.NewAccountClaims(public)
	c.Name = name
	token, err := c.Encode(signer)
	must(tb, err)
	return token, public
}

func userToken(tb testing.TB) (token, public, issuer string) {
	tb.Helper()
	signer, issuer := pair(tb, nkeys.PrefixByteAccount)
	_, public = pair(tb, nkeys.PrefixByteUser)
	c := jwt.NewUserClaims(public)
	c.Name, c.Expires, c.NotBefore = "U", 2000, 1000
	token, err := c.Encode(signer)
	must(tb, err)
	return token, public, issuer
}

func TestReadHead(t *testing.T) {
	t.Parallel()
	token, public, issuer := userToken(t)
	decorated, err := jwt.DecorateJWT(token)
	must(t, err)
	for what, text := range map[string]string{"bare": token, "decorated": string(decorated)} {
		head, err := jwtstore.ReadHead(text)
		must(t, err)
		if head.IssuedAt == 0 {
			t.Errorf("%s: no time of issue", what)
		}
		head.IssuedAt = 0
		if want := (jwtstore.Head{Name: "U", Subject: public, Issuer: issuer, Expires: 2000, NotBefore: 1000, Kind: "user"}); head != want {
			t.Errorf("%s: %+v, want %+v", what, head, want)
		}
	}
}

func TestReadHeadOfGarbage(t *testing.T) {
	t.Parallel()
	enc := base64.RawURLEncoding.EncodeToString
	for _, bad := range []string{
		"", ".", "..", "a.b", "garbage", "a.!.c", "a." + enc([]byte("{")) + ".c", "a." + enc([]byte(`"text"`)) + ".c",
		"a." + enc([]byte(`{"name":1}`)) + ".c", "a." + enc([]byte(`{"iat":1e99}`)) + ".c", "a." + enc([]byte(strings.Repeat("[", 20000))) + ".c",
	} {
		head, err := jwtstore.ReadHead(bad)
		if err == nil || head != (jwtstore.Head{}) {
			t.Errorf("%.20q: %+v %v", bad, head, err)
		}
	}
}

func FuzzReadHead(f *testing.F) {
	token, _, _ := userToken(f)
	for _, seed := range []string{token, "", "..", "a.e30.c", "a.bnVsbA.c", "-----\n" + token + "\n------"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		head, err := jwtstore.ReadHead(text)
		if err != nil {
			if head != (jwtstore.Head{}) {
				t.Errorf("an error beside %+v", head)
			}
			if len(err.Error()) > 100 {
				t.Errorf("the message repeats the input: %v", err)
			}
			return
		}
		if strings.Count(text, ".") < 2 {
			t.Errorf("%q is taken for a token", text)
		}
		for _, s := range []string{head.Name, head.Subject, head.Issuer, head.Kind} {
			if !utf8.ValidString(s) {
				t.Errorf("%q is not UTF-8", s)
			}
		}
	})
}
