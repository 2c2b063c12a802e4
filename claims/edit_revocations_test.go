package claims

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestRevocationsEdit(t *testing.T) {
	t.Parallel()
	a, u, v := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteUser), pub(t, nkeys.PrefixByteUser)
	u, v = min(u, v), max(u, v) // changes come sorted
	add := func(key string, at int64) AccountEdit {
		return AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{key: at}}}
	}
	remove := func(keys ...string) AccountEdit {
		return AccountEdit{Revocations: RevocationsEdit{Remove: keys}}
	}
	have := func(list jwt.RevocationList) func(*jwt.AccountClaims) {
		return func(c *jwt.AccountClaims) { c.Revocations = maps.Clone(list) }
	}
	compact := AccountEdit{Revocations: RevocationsEdit{Compact: true}}
	field := "nats.revocations."
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{name: "a user", edit: add(u, 100), want: field + u + ": null -> 100"},
		{name: "all users", edit: add(jwt.All, 100), want: field + "*: null -> 100"},
		{name: "all users keep the others", before: have(jwt.RevocationList{u: 5}), edit: add(jwt.All, 100), want: field + "*: null -> 100"},
		{name: "later", before: have(jwt.RevocationList{u: 99}), edit: add(u, 100), want: field + u + ": 99 -> 100"},
		{name: "the same again", before: have(jwt.RevocationList{u: 100}), edit: add(u, 100)},
		{name: "earlier", before: have(jwt.RevocationList{u: 100}), edit: add(u, 99), wantErr: "is in force for what was issued until 1970-01-01T00:01:40Z, and cannot go back to 1970-01-01T00:01:39Z"},
		{name: "earlier than that of all users", before: have(jwt.RevocationList{jwt.All: 100}), edit: add(u, 99), want: field + u + ": null -> 99"},
		{name: "one good, one earlier", before: have(jwt.RevocationList{u: 100}), edit: AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{u: 99, v: 99}}}, wantErr: "cannot go back"},
		{name: "in the future", edit: add(u, epoch().Unix()+60), want: field + u + ": null -> 1767225660"},
		{name: "negative", edit: add(u, -1), wantErr: "time -1: lies before 1970"},
		{name: "zero revokes nothing", edit: add(u, 0), wantErr: "time 0: lies before 1970"},
		{name: "milliseconds", edit: add(u, 1767225600000), wantErr: "too far away"},
		{name: "an account's key", edit: add(a, 100), wantErr: "is neither a user public key"},
		{name: "a name", edit: add("shop", 100), wantErr: `revocation "shop": is neither a user public key`},

		{name: "remove", before: have(jwt.RevocationList{u: 1, v: 2}), edit: remove(u), want: field + u + ": 1 -> null"},
		{name: "remove the last", before: have(jwt.RevocationList{u: 1}), edit: remove(u), want: field + u + ": 1 -> null"},
		{name: "remove that of all users alone", before: have(jwt.RevocationList{u: 1, jwt.All: 2}), edit: remove(jwt.All), want: field + "*: 2 -> null"},
		{name: "remove one that should not be there", before: have(jwt.RevocationList{"junk": 1}), edit: remove("junk"), want: field + "junk: 1 -> null"},
		{name: "remove an absent one", before: have(jwt.RevocationList{jwt.All: 9}), edit: remove(u), wantErr: `": does not exist`},
		{name: "remove one twice", before: have(jwt.RevocationList{u: 1}), edit: remove(u, u), wantErr: `": does not exist`},
		{name: "both", before: have(jwt.RevocationList{u: 1}), edit: AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{u: 2}, Remove: []string{u}}}, wantErr: "is both added and removed"},

		{name: "compact", before: have(jwt.RevocationList{jwt.All: 10, u: 10, v: 11}), edit: compact, want: field + u + ": 10 -> null"},
		{name: "compact without all", before: have(jwt.RevocationList{u: 10}), edit: compact},
		{name: "compact nothing", edit: compact},
		{
			name: "compact what was added", before: have(jwt.RevocationList{u: 10, v: 5}),
			edit: AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{jwt.All: 20}, Remove: []string{v}, Compact: true}},
			want: field + "*: null -> 20; " + field + u + ": 10 -> null; " + field + v + ": 5 -> null",
		},
	})
}

// TestRevocationIsMet holds that an entry means to jwt what it is said to mean.
func TestRevocationIsMet(t *testing.T) {
	t.Parallel()
	u := pub(t, nkeys.PrefixByteUser)
	for _, key := range []string{u, jwt.All} {
		c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
		edit := AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{key: 100}}}
		if _, err := edit.Apply(c, epoch()); err != nil {
			t.Fatal(err)
		}
		for issued, want := range map[int64]bool{99: true, 100: true, 101: false} {
			if got := c.Revocations.IsRevoked(u, time.Unix(issued, 0)); got != want {
				t.Errorf("%s: issued at %d: revoked %v", key, issued, got)
			}
		}
	}
}

func TestRevocationErrors(t *testing.T) {
	t.Parallel()
	u := pub(t, nkeys.PrefixByteUser)
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	list := jwt.RevocationList{u: 100}
	c.Revocations = list
	_, err := AccountEdit{Revocations: RevocationsEdit{Add: map[string]int64{u: 99}, Remove: []string{"x", "y"}}}.Apply(c, epoch())
	if !errors.Is(err, ErrAbsent) {
		t.Errorf("error %v does not wrap ErrAbsent", err)
	}
	for _, want := range []string{`"x": does not exist`, `"y": does not exist`, "cannot go back"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
	if len(list) != 1 || list[u] != 100 {
		t.Errorf("the list became %v", list)
	}
}
