package claims

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// activationOf is an activation for x, an export of the world's account, signed by kp.
func activationOf(tb testing.TB, w *world, x *jwt.Export, s ActivationSpec, kp nkeys.KeyPair) string {
	tb.Helper()
	act, err := NewActivation(w.ac, x, s, epoch())
	if err != nil {
		tb.Fatal(err)
	}
	return issue(tb, act, w.ac.Subject, kp)
}

// issue signs act on behalf of the account exporter.
func issue(tb testing.TB, act *jwt.ActivationClaims, exporter string, kp nkeys.KeyPair) string {
	tb.Helper()
	public, err := kp.PublicKey()
	if err != nil {
		tb.Fatal(err)
	}
	token, err := EncodeActivation(act, exporter, public, func(_ string, data []byte) ([]byte, error) { return kp.Sign(data) })
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func TestNewActivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := pub(t, nkeys.PrefixByteAccount)
	private := jwt.Export{Subject: "p.*", Type: jwt.Service, TokenReq: true}
	revoked := func(key string, at int64) jwt.Export {
		x := private
		x.Revocations = jwt.RevocationList{key: at}
		return x
	}
	now := epoch().Unix()
	for name, tt := range map[string]struct {
		x       jwt.Export
		s       ActivationSpec
		wantErr string
	}{
		"all of it":                  {private, ActivationSpec{Target: to, Subject: "p.*"}, ""},
		"a part":                     {private, ActivationSpec{Target: to, Subject: "p.x"}, ""},
		"for a time":                 {private, ActivationSpec{to, "p.x", TimesEdit{Start: new(now), Expires: new(now + 9)}}, ""},
		"more than it":               {private, ActivationSpec{Target: to, Subject: "p.>"}, `export "p.*": subject "p.>": is not a part of it`},
		"another subject":            {private, ActivationSpec{Target: to, Subject: "q.x"}, "is not a part of it"},
		"a bad subject":              {private, ActivationSpec{Target: to, Subject: "p.x y"}, "contains a blank"},
		"no subject":                 {private, ActivationSpec{Target: to}, `subject "": is empty`},
		"a public export":            {jwt.Export{Subject: "p.*", Type: jwt.Service}, ActivationSpec{Target: to, Subject: "p.x"}, "is public"},
		"for nobody":                 {private, ActivationSpec{Subject: "p.x"}, `target "": is not the public key`},
		"for all":                    {private, ActivationSpec{Target: jwt.All, Subject: "p.x"}, `target "*": is not the public key`},
		"for a user":                 {private, ActivationSpec{Target: pub(t, nkeys.PrefixByteUser), Subject: "p.x"}, "is not the public key of an account"},
		"for itself":                 {private, ActivationSpec{Target: w.ac.Subject, Subject: "p.x"}, "is the account that exports"},
		"expired":                    {private, ActivationSpec{to, "p.x", TimesEdit{Expires: new(now)}}, "has already passed"},
		"starts after it expires":    {private, ActivationSpec{to, "p.x", TimesEdit{Start: new(now + 9), Expires: new(now + 5)}}, "not before it expires"},
		"revoked before":             {revoked(to, now-1), ActivationSpec{Target: to, Subject: "p.x"}, ""},
		"revoked until now":          {revoked(to, now), ActivationSpec{Target: to, Subject: "p.x"}, "are revoked until 2026-01-01T00:00:00Z"},
		"of all, revoked until then": {revoked(jwt.All, now+60), ActivationSpec{Target: to, Subject: "p.x"}, "are revoked until 2026-01-01T00:01:00Z"},
		"of another, revoked":        {revoked(w.aSignPub, now), ActivationSpec{Target: to, Subject: "p.x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			act, err := NewActivation(w.ac, &tt.x, tt.s, epoch())
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := VerifyActivation(issue(t, act, w.ac.Subject, w.aKey), w.ac)
			if err != nil || got.Subject != to || got.Name != tt.s.Subject || string(got.ImportSubject) != tt.s.Subject || got.ImportType != jwt.Service || got.Version != version {
				t.Errorf("%+v, error %v", got, err)
			}
		})
	}
}

// TestActivationJSON pins what an activation says, and the hash by which account
// servers keep it.
func TestActivationJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := pub(t, nkeys.PrefixByteAccount)
	x := &jwt.Export{Subject: ">", Type: jwt.Stream, TokenReq: true}
	for subject, hashed := range map[string]string{"p.x": "p.x", "p.*.y": "p", ">": "_", "*.x": "_"} {
		act, err := ReadActivation(activationOf(t, w, x, ActivationSpec{Target: to, Subject: subject}, w.aSign))
		if err != nil {
			t.Fatal(err)
		}
		var said struct {
			Nats json.RawMessage `json:"nats"`
		}
		if err := json.Unmarshal([]byte(payloadIn(t, sign(t, act, w.aSign))), &said); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(said.Nats), `\u003e`, ">")
		if want := `{"subject":"` + subject + `","kind":"stream","issuer_account":"` + w.ac.Subject + `","type":"activation","version":2}`; text != want {
			t.Errorf("%s, want %s", text, want)
		}
		same := *act
		same.ImportSubject = jwt.Subject(hashed)
		got, err1 := act.HashID()
		want, err2 := same.HashID()
		if got != want || err1 != nil || err2 != nil || len(got) != 56 {
			t.Errorf("%q: hash %s, of %q %s; errors %v, %v", subject, got, hashed, want, err1, err2)
		}
	}
}

func TestVerifyActivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := pub(t, nkeys.PrefixByteAccount)
	foreign, foreignPub := key(t, nkeys.PrefixByteAccount)
	good := func() *jwt.ActivationClaims {
		act := jwt.NewActivationClaims(to)
		act.Name, act.ImportSubject, act.ImportType = "p", "p", jwt.Stream
		return act
	}
	edited := func(kp nkeys.KeyPair, edit func(*jwt.ActivationClaims)) string {
		act := good()
		edit(act)
		return sign(t, act, kp)
	}
	for name, tt := range map[string]struct{ token, want string }{
		"by the identity":                {edited(w.aKey, func(*jwt.ActivationClaims) {}), ""},
		"by the identity, which it says": {edited(w.aKey, func(c *jwt.ActivationClaims) { c.IssuerAccount = w.ac.Subject }), ""},
		"by a signing key":               {edited(w.aSign, func(c *jwt.ActivationClaims) { c.IssuerAccount = w.ac.Subject }), ""},
		"by a scoped key":                {edited(w.aScoped, func(c *jwt.ActivationClaims) { c.IssuerAccount = w.ac.Subject }), ""},
		"by a signing key, unsaid":       {edited(w.aSign, func(*jwt.ActivationClaims) {}), `is not from account "A"`},
		"by another account":             {edited(foreign, func(*jwt.ActivationClaims) {}), `is not from account "A"`},
		"by another, in its name":        {edited(foreign, func(c *jwt.ActivationClaims) { c.IssuerAccount = w.ac.Subject }), "issuer \"" + foreignPub + `" is not a key of account "A"`},
		"in another's name":              {edited(w.aKey, func(c *jwt.ActivationClaims) { c.IssuerAccount = foreignPub }), `is not from account "A"`},
		"in the name of nonsense":        {edited(w.aKey, func(c *jwt.ActivationClaims) { c.IssuerAccount = "junk" }), `issuer account "junk" is no public key`},
		"by an operator":                 {edited(w.oKey, func(*jwt.ActivationClaims) {}), "is no key of an account"},
		"for no subject":                 {edited(w.aKey, func(c *jwt.ActivationClaims) { c.ImportSubject = "" }), "subject"},
		"for a bad subject":              {edited(w.aKey, func(c *jwt.ActivationClaims) { c.ImportSubject = "a b" }), "contains a blank"},
		"for no type":                    {edited(w.aKey, func(c *jwt.ActivationClaims) { c.ImportType = jwt.Unknown }), "is for neither"},
		"that is an account":             {sign(t, w.ac, w.oKey), `token is of type "account"`},
		"cut off":                        {edited(w.aKey, func(*jwt.ActivationClaims) {})[:200], "token"},
		"nothing":                        {"", "token has 1 parts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := VerifyActivation(tt.token, w.ac)
			judge(t, err, jwt.ActivationClaim, tt.want)
		})
	}
	if got := Exporter(good()); got != "" {
		t.Errorf("an unsigned one is from %q", got)
	}
}

// FuzzReadActivation holds that what is read is what an import can be made of, and
// that nothing else than its own bytes passes for a token.
func FuzzReadActivation(f *testing.F) {
	w := newWorld(f)
	to := pub(f, nkeys.PrefixByteAccount)
	x := &jwt.Export{Subject: "p.>", Type: jwt.Service, TokenReq: true}
	token := activationOf(f, w, x, ActivationSpec{Target: to, Subject: "p.x"}, w.aSign)
	f.Add(token)
	f.Add(activationOf(f, w, x, ActivationSpec{to, "p.>", TimesEdit{Expires: new(epoch().Unix() + 60)}}, w.aKey))
	f.Add(sign(f, w.ac, w.oKey))
	f.Add(token[:len(token)/2])
	f.Fuzz(func(t *testing.T, s string) {
		act, err := ReadActivation(s)
		if err != nil {
			return
		}
		if !nkeys.IsValidPublicAccountKey(act.Subject) || !nkeys.IsValidPublicAccountKey(Exporter(act)) {
			t.Errorf("for %q from %q", act.Subject, Exporter(act))
		}
		var spec ImportSpec
		spec.Fill(s, act)
		im, err := NewImport(spec)
		if err != nil {
			t.Fatalf("no import of it: %v", err)
		}
		c := NewAccount(act.Subject, "B")
		if Exporter(act) != act.Subject {
			_, err = AddImport(c, im, time.Time{})
		}
		if err != nil && act.Expires == 0 {
			t.Errorf("its import is refused: %v", err)
		}
	})
}
