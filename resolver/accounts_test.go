package resolver

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestRollCall(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 3)
	c := dial(t, nodes[1], user(t, r.sys, nil))
	roll, err := c.RollCall(t.Context())
	check(t, err)
	var names []string
	for i, s := range roll.Servers {
		names = append(names, s.Name)
		if s.ID != nodes[i].ID() || s.Cluster != "C" || s.Version == "" || s.JetStream {
			t.Errorf("server %+v", s)
		}
	}
	if !slices.Equal(names, []string{"n1", "n2", "n3"}) || roll.Missing != 0 {
		t.Errorf("roll %+v", roll)
	}
}

func TestStoredAndInForce(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 2)
	c := dial(t, nodes[0], user(t, r.sys, nil))
	app := r.account(t, r.app, "APP")
	_, err := c.Push(t.Context(), []Account{app}, PushOptions{})
	check(t, err)
	client(t, nodes[1], user(t, r.app, nil)) // loaded on the second server only

	force, err := c.InForce(t.Context(), app.ID, nil)
	check(t, err)
	if len(force) != 2 || force[0].State != NotLoaded || force[1].State != Loaded ||
		force[1].Token != app.Token || force[1].Issuer != testkeys.Public(t, r.operator) || force[1].Updated.IsZero() {
		t.Errorf("in force %+v", force)
	}

	list, err := c.List(t.Context(), nil)
	check(t, err)
	want := []string{app.ID, r.sysID}
	slices.Sort(want)
	if len(list) != 2 || !slices.Equal(list[0].Accounts, want) || !slices.Equal(list[1].Accounts, want) {
		t.Errorf("list %+v", list)
	}

	if got, err := c.Lookup(t.Context(), app.ID); err != nil || got != app.Token {
		t.Errorf("lookup %q, %v", got, err)
	}
	absent := testkeys.Public(t, testkeys.New(t, nkeys.CreateAccount))
	var unknown *UnknownAccountError
	_, err = c.Lookup(t.Context(), absent)
	if !errors.As(err, &unknown) || unknown.ID != absent || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("lookup of absent account: %v", err)
	}
	if _, err := c.Lookup(t.Context(), "x.y"); err == nil {
		t.Error("lookup of a key that is none")
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dial(t, s, user(t, r.sys, func(u *jwt.UserClaims) { u.Pub.Deny.Add("forbidden") }))
	if body, err := c.Request(t.Context(), "$SYS.REQ.SERVER."+s.ID()+".VARZ", nil); err != nil || len(body) == 0 {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := c.Request(t.Context(), "nobody.home", nil); !errors.Is(err, ErrNoResponder) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := c.Request(t.Context(), "forbidden", nil); !errors.Is(err, ErrPermission) {
		t.Errorf("forbidden: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	app := r.account(t, r.app, "APP")
	check(t, s.AccountResolver().Store(app.ID, app.Token))
	c := dial(t, s, user(t, r.app, restricted([]string{"both", "pub"}, []string{"both", "sub"})))
	if took, err := c.RoundTrip(t.Context(), "both", []byte("hello")); err != nil || took <= 0 {
		t.Errorf("%v, %v", took, err)
	}
	for _, subject := range []string{"pub", "sub"} {
		if _, err := c.RoundTrip(t.Context(), subject, []byte("hello")); !errors.Is(err, ErrPermission) {
			t.Errorf("%s: %v", subject, err)
		}
	}
}
