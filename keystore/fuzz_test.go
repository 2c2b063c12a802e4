package keystore

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// FuzzParseCreds takes anything apart as creds. What it finds is a user's seed; and
// where the quicker reader, which compares creds with what they should hold, finds a
// token and a seed, these are the same.
func FuzzParseCreds(f *testing.F) {
	seed := userSeed(f)
	account, err := nkeys.CreateAccount()
	if err != nil {
		f.Fatal(err)
	}
	user, err := nkeys.FromSeed(seed)
	if err != nil {
		f.Fatal(err)
	}
	key, err := user.PublicKey()
	if err != nil {
		f.Fatal(err)
	}
	token, err := jwt.NewUserClaims(key).Encode(account)
	if err != nil {
		f.Fatal(err)
	}
	data, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		f.Fatal(err)
	}
	creds := string(data)
	for _, text := range []string{
		creds, "", token, strings.ReplaceAll(creds, "\n", "\r\n"), creds[:len(creds)/2], creds + creds,
		"---\n" + token + "\n---\n---\n" + string(seed) + "\n---", strings.ReplaceAll(creds, "-----", "---"),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		items := framed(bytes.Clone(data))
		token, kp, err := ParseCreds(data)
		if err != nil {
			return
		}
		seed, err := kp.Seed()
		if err != nil || !nkeys.IsValidPublicUserKey(public(t, kp)) {
			t.Fatalf("%q holds no seed of a user: %v", data, err)
		}
		if strings.ContainsAny(token, "\r\n") {
			t.Errorf("%q: the token %q has several lines", data, token)
		}
		if len(items) == 2 && seedFits(items[1], public(t, kp), nil) == nil && !bytes.Equal(items[1], seed) {
			t.Errorf("%q: holds the seed %q, and %q", data, seed, items[1])
		}
	})
}

func userSeed(f *testing.F) []byte {
	f.Helper()
	kp, err := nkeys.CreateUser()
	if err != nil {
		f.Fatal(err)
	}
	seed, err := kp.Seed()
	if err != nil {
		f.Fatal(err)
	}
	return seed
}

func public(t *testing.T, kp nkeys.KeyPair) string {
	t.Helper()
	key, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// FuzzRedact puts a seed into any text, in its capitals or not: so little of it is
// left that nobody can guess the rest.
func FuzzRedact(f *testing.F) {
	seed := userSeed(f)
	for _, text := range []string{"", " ", "x", "SUA", "\x00", "…", "UA6E2HKI3TLTNBPVLSUPT4PVRKODAG66HGTDFCSW7ECJK3ZVMXYQMXRL"} {
		f.Add(text, text, false)
		f.Add("", text, true)
	}
	f.Fuzz(func(t *testing.T, before, after string, lower bool) {
		secret := string(seed)
		if lower {
			secret = strings.ToLower(secret)
		}
		text := before + secret + after
		if !HoldsSeed(text) {
			t.Errorf("%q: is said to hold no seed", text)
		}
		redacted := strings.ToUpper(Redact(text))
		const much = 30
		for i := 0; i+much <= len(seed); i++ {
			if part := string(seed[i : i+much]); strings.Contains(redacted, part) && !strings.Contains(strings.ToUpper(before+" "+after), part) {
				t.Errorf("%q: %q shows %q", text, redacted, part)
			}
		}
	})
}
