package resolver

import (
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// connects tells whether a server lets somebody in.
func connects(t *testing.T, s *server.Server, id Identity) bool {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL(), nats.UserJWT(id.Token, id.Sign), nats.Timeout(patience))
	if err != nil {
		return false
	}
	nc.Close()
	return true
}

// TestExpiredIsStored: servers take an account whose time is over, and never use it.
func TestExpiredIsStored(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	claims := jwt.NewAccountClaims(r.appID)
	claims.Name, claims.Expires = "APP", time.Now().Add(-time.Hour).Unix()
	a := Account{r.appID, testkeys.Encode(t, claims, r.operator)}
	c := dial(t, s, user(t, r.sys, nil))
	sum, err := c.Push(t.Context(), []Account{a}, PushOptions{})
	if err != nil || sum.Results.Stored != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if got, err := c.Lookup(t.Context(), r.appID); err != nil || got != a.Token {
		t.Errorf("stored %q, %v", got, err)
	}
	if connects(t, s, user(t, r.app, nil)) {
		t.Error("a user of an expired account is let in")
	}
	if force, err := c.InForce(t.Context(), r.appID, nil); err != nil || force[0].State == Loaded && !force[0].Expired {
		t.Errorf("%+v, %v", force, err)
	}
}

// TestPushOverwritesWhatIsNewer: servers take what is pushed, older or not.
func TestPushOverwritesWhatIsNewer(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dial(t, s, user(t, r.sys, nil))
	claims := jwt.NewAccountClaims(r.appID)
	claims.Name = "APP"
	now := time.Now()
	older := Account{r.appID, testkeys.EncodeAt(t, claims, r.operator, now.Add(-time.Hour))}
	newer := Account{r.appID, testkeys.EncodeAt(t, claims, r.operator, now)}
	for _, a := range []Account{newer, older} {
		sum, err := c.Push(t.Context(), []Account{a}, PushOptions{})
		if err != nil || sum.Results.Stored != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		if got, err := c.Lookup(t.Context(), r.appID); err != nil || got != a.Token {
			t.Errorf("stored %q, %v", got, err)
		}
	}
}

// TestStrictOperator: servers whose operator wants signing keys refuse accounts that its
// identity key signed, and users that the identity key of an account did.
func TestStrictOperator(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	signing := testkeys.New(t, nkeys.CreateOperator)
	r.claims.StrictSigningKeyUsage = true
	r.claims.SigningKeys.Add(testkeys.Public(t, signing))
	r.claims = mustDecode(t, testkeys.Encode(t, r.claims, r.operator))
	sys, err := jwt.DecodeAccountClaims(r.sysToken)
	check(t, err)
	users := testkeys.New(t, nkeys.CreateAccount)
	sys.SigningKeys.Add(testkeys.Public(t, users))
	r.sysToken = testkeys.Encode(t, sys, signing)
	s := start(t, r.full(t))
	if connects(t, s, user(t, r.sys, nil)) {
		t.Error("a user that the identity key signed is let in")
	}
	c := dial(t, s, user(t, users, func(u *jwt.UserClaims) { u.IssuerAccount = r.sysID }))
	by := r.account(t, r.app, "APP")
	sum, err := c.Push(t.Context(), []Account{by}, PushOptions{})
	if err != nil || sum.Results.Rejected != 1 {
		t.Errorf("signed by the identity key: %+v, %v", sum, err)
	}
	list, err := c.Survey(t.Context(), []Server{{ID: s.ID(), Name: s.Name()}}, SurveyOptions{Account: r.appID})
	if err != nil || list[0].Trusts(r.claims.Subject) || !list[0].Trusts(testkeys.Public(t, signing)) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestDeleteCutsOff: whoever is connected to an account that is deleted is cut off at
// once, and does not come back. One that is not known is deleted, as servers say.
func TestDeleteCutsOff(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.deleting(t))
	c := dial(t, s, user(t, r.sys, nil))
	_, err := c.Push(t.Context(), []Account{r.account(t, r.app, "APP")}, PushOptions{})
	check(t, err)
	id := user(t, r.app, nil)
	nc := client(t, s, id)
	done, err := c.Delete(t.Context(), deletion(t, r.operator, r.appID), nil)
	if err != nil || done[0].Outcome != Deleted {
		t.Fatalf("%+v, %v", done, err)
	}
	eventually(t, func() bool { return !nc.IsConnected() })
	if connects(t, s, id) {
		t.Error("is let in again")
	}
	done, err = c.Delete(t.Context(), deletion(t, r.operator, r.accounts(t, 1)[0].ID), nil)
	if err != nil || done[0].Outcome != Deleted {
		t.Errorf("an account that is not there: %+v, %v", done, err)
	}
}

// TestRevocationOfTheSameSecond: a revocation holds for what was issued in its second.
func TestRevocationOfTheSameSecond(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dial(t, s, user(t, r.sys, nil))
	at := time.Now().Add(-time.Minute)
	issued := func(when time.Time) Identity {
		id := user(t, r.app, nil)
		token, err := id.Token()
		check(t, err)
		claims, err := jwt.DecodeUserClaims(token)
		check(t, err)
		token = testkeys.EncodeAt(t, claims, r.app, when)
		id.Token = func() (string, error) { return token, nil }
		return id
	}
	before, same, after := issued(at.Add(-time.Second)), issued(at), issued(at.Add(time.Second))
	claims := jwt.NewAccountClaims(r.appID)
	claims.Name = "APP"
	claims.Revocations = jwt.RevocationList{jwt.All: at.Unix()}
	_, err := c.Push(t.Context(), []Account{{r.appID, testkeys.Encode(t, claims, r.operator)}}, PushOptions{})
	check(t, err)
	if connects(t, s, before) || connects(t, s, same) {
		t.Error("a revoked user is let in")
	}
	if !connects(t, s, after) {
		t.Error("a user of the second after is not let in")
	}
}
