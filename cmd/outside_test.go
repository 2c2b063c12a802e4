package cmd

import (
	"strings"
	"testing"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// pair makes a key, and tells its public half.
func pair(t *testing.T, prefix nkeys.PrefixByte) (nkeys.KeyPair, string) {
	t.Helper()
	kp, err := nkeys.CreatePair(prefix)
	if err != nil {
		t.Fatal(err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return kp, public
}

func signedBy(t *testing.T, c jwt.Claims, kp nkeys.KeyPair) string {
	t.Helper()
	token, err := c.Encode(kp)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestAccountOutside tries what servers may answer when they are asked for an account.
func TestAccountOutside(t *testing.T) {
	t.Parallel()
	opKey, opPublic := pair(t, nkeys.PrefixByteOperator)
	signing, signingPublic := pair(t, nkeys.PrefixByteOperator)
	stranger, _ := pair(t, nkeys.PrefixByteOperator)
	acKey, acPublic := pair(t, nkeys.PrefixByteAccount)
	_, other := pair(t, nkeys.PrefixByteAccount)
	oc := claims.NewOperator(opPublic, "O")
	oc.SigningKeys.Add(signingPublic)
	strict := *oc
	strict.StrictSigningKeyUsage = true
	ac := claims.NewAccount
	for name, tc := range map[string]struct {
		op    *jwt.OperatorClaims
		token string
		want  string // in the error; empty for none
	}{
		"good":               {oc, signedBy(t, ac(acPublic, "A"), opKey), ""},
		"strict":             {&strict, signedBy(t, ac(acPublic, "A"), signing), ""},
		"identity of strict": {&strict, signedBy(t, ac(acPublic, "A"), opKey), "requires signing keys"},
		"another account":    {oc, signedBy(t, ac(other, "A"), opKey), "which was asked for"},
		"stranger":           {oc, signedBy(t, ac(acPublic, "A"), stranger), "is not a key of operator"},
		"itself":             {oc, signedBy(t, ac(acPublic, "A"), acKey), "is not a key of operator"},
		"operator":           {oc, signedBy(t, oc, opKey), `of type "operator"`},
		"climbing":           {oc, signedBy(t, ac(acPublic, "../../x"), opKey), "dot"},
		"nested":             {oc, signedBy(t, ac(acPublic, "x/../../y"), opKey), "separator"},
		"escape":             {oc, signedBy(t, ac(acPublic, "\x1b[2Jx"), opKey), "control"},
		"nameless":           {oc, signedBy(t, ac(acPublic, ""), opKey), "empty"},
		"not a token":        {oc, "<html>", "parts"},
		"large":              {oc, strings.Repeat("x", claims.MaxTokenSize+1), "bytes"},
		"changed":            {oc, signedBy(t, ac(acPublic, "A"), opKey)[:100] + "A", "parts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := (&operator{claims: tc.op}).accountOutside(tc.token, acPublic)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestUserOutside(t *testing.T) {
	t.Parallel()
	acKey, acPublic := pair(t, nkeys.PrefixByteAccount)
	stranger, _ := pair(t, nkeys.PrefixByteAccount)
	_, public := pair(t, nkeys.PrefixByteUser)
	ac := &account{name: "A", claims: claims.NewAccount(acPublic, "A")}
	for name, tc := range map[string]struct {
		token string
		want  bool
	}{
		"good":     {signedBy(t, claims.NewUser(public, "U"), acKey), true},
		"stranger": {signedBy(t, claims.NewUser(public, "U"), stranger), false},
		"climbing": {signedBy(t, claims.NewUser(public, "../U"), acKey), false},
	} {
		if _, err := userOutside(tc.token, public, ac); (err == nil) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOperatorOutside(t *testing.T) {
	t.Parallel()
	kp, public := pair(t, nkeys.PrefixByteOperator)
	stranger, other := pair(t, nkeys.PrefixByteOperator)
	for name, tc := range map[string]struct {
		token, subject string
		want           bool
	}{
		"any":               {signedBy(t, claims.NewOperator(public, "O"), kp), "", true},
		"the one":           {signedBy(t, claims.NewOperator(public, "O"), kp), public, true},
		"another":           {signedBy(t, claims.NewOperator(other, "O"), stranger), public, false},
		"by another":        {signedBy(t, claims.NewOperator(public, "O"), stranger), public, false},
		"climbing":          {signedBy(t, claims.NewOperator(public, ".."), kp), public, false},
		"nothing of a kind": {"", "", false},
	} {
		if _, err := operatorOutside(tc.token, tc.subject); (err == nil) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
