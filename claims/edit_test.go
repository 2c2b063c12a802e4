package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// epoch is the now of tests: 2026-01-01.
func epoch() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) }

// show writes changes one after the other as field: from -> to.
func show(tb testing.TB, changes []Change) string {
	tb.Helper()
	lines := make([]string, 0, len(changes))
	for _, c := range changes {
		from, err1 := json.Marshal(c.From)
		to, err2 := json.Marshal(c.To)
		if err := errors.Join(err1, err2); err != nil {
			tb.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s: %s -> %s", c.Field, from, to))
	}
	return strings.Join(lines, "; ")
}

// editTest is one row of the tables of edits. before prepares the claims; want
// lists the changes, or wantErr is part of the error.
type editTest[C any, E any] struct {
	name    string
	before  func(c *C)
	edit    E
	want    string
	wantErr string
}

// editable is what the three edits have in common.
type editable[C any] interface {
	Empty() bool
	Apply(c *C, now time.Time) ([]Change, error)
}

// runEdits applies every edit of the table to fresh claims, and holds for each
// that the changes are those wanted, that an error leaves the claims untouched,
// that Empty means no change, and that the edit survives its JSON form.
func runEdits[C any, E editable[C], P interface {
	*C
	jwt.Claims
}](t *testing.T, fresh func() *C, tests []editTest[C, E]) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := fresh()
			if tt.before != nil {
				tt.before(c)
			}
			was := stamped(t, P(c))
			changes, err := throughJSON(t, tt.edit).Apply(c, epoch())
			if got := show(t, changes); got != tt.want {
				t.Errorf("changes\n got %s\nwant %s", got, tt.want)
			}
			switch {
			case tt.wantErr == "" && err != nil:
				t.Fatalf("error %v", err)
			case tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)):
				t.Fatalf("error %v, want %q", err, tt.wantErr)
			}
			if now := stamped(t, P(c)); (now == was) != (len(changes) == 0) {
				t.Errorf("%d changes reported\nbefore %s\nafter  %s", len(changes), was, now)
			}
			if tt.edit.Empty() && (err != nil || len(changes) > 0) {
				t.Error("an empty edit did something")
			}
		})
	}
}

func throughJSON[E any](tb testing.TB, e E) E {
	tb.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		tb.Fatal(err)
	}
	var back E
	if err := json.Unmarshal(data, &back); err != nil {
		tb.Fatal(err)
	}
	return back
}

func TestOperatorEdit(t *testing.T) {
	t.Parallel()
	o, s1, s2, a := pub(t, nkeys.PrefixByteOperator), pub(t, nkeys.PrefixByteOperator), pub(t, nkeys.PrefixByteOperator), pub(t, nkeys.PrefixByteAccount)
	withKey := func(c *jwt.OperatorClaims) { c.SigningKeys.Add(s1) }
	strict := func(c *jwt.OperatorClaims) { withKey(c); c.StrictSigningKeyUsage = true }
	runEdits(t, func() *jwt.OperatorClaims { return NewOperator(o, "O") }, []editTest[jwt.OperatorClaims, OperatorEdit]{
		{name: "nothing"},
		{name: "tags", edit: OperatorEdit{Tags: ListEdit{Add: []string{"Z", " a ", "z"}}}, want: `nats.tags: null -> ["a","z"]`},
		{name: "empty tag", edit: OperatorEdit{Tags: ListEdit{Add: []string{" "}}}, wantErr: `tag " "`},
		{name: "absent tag", edit: OperatorEdit{Tags: ListEdit{Remove: []string{"x"}}}, wantErr: `tag "x": does not exist`},
		{name: "both", edit: OperatorEdit{Tags: ListEdit{Add: []string{"x"}, Remove: []string{"X"}}}, wantErr: `tag "X": is both added and removed`},
		{name: "keys keep their order", before: withKey, edit: OperatorEdit{SigningKeys: ListEdit{Add: []string{s2, s1}}}, want: `nats.signing_keys: ["` + s1 + `"] -> ["` + s1 + `","` + s2 + `"]`},
		{name: "replace key", before: withKey, edit: OperatorEdit{SigningKeys: ListEdit{Add: []string{s2}, Remove: []string{s1}}}, want: `nats.signing_keys: ["` + s1 + `"] -> ["` + s2 + `"]`},
		{name: "foreign key", edit: OperatorEdit{SigningKeys: ListEdit{Add: []string{a}}}, wantErr: "is not an operator public key"},
		{name: "identity", edit: OperatorEdit{SigningKeys: ListEdit{Add: []string{o}}}, wantErr: "is the identity key"},
		{name: "strict", edit: OperatorEdit{SigningKeys: ListEdit{Add: []string{s1}}, RequireSigningKeys: new(true)}, want: `nats.signing_keys: null -> ["` + s1 + `"]; nats.strict_signing_key_usage: null -> true`},
		{name: "strict without keys", edit: OperatorEdit{RequireSigningKeys: new(true)}, wantErr: "requires signing keys but has none"},
		{name: "last key of a strict one", before: strict, edit: OperatorEdit{SigningKeys: ListEdit{Remove: []string{s1}}}, wantErr: "requires signing keys but has none"},
		{name: "not strict", before: strict, edit: OperatorEdit{RequireSigningKeys: new(false)}, want: `nats.strict_signing_key_usage: true -> null`},
		{name: "service URL", edit: OperatorEdit{ServiceURLs: ListEdit{Add: []string{"NATS://Host:4222"}}}, want: `nats.operator_service_urls: null -> ["nats://host:4222"]`},
		{name: "service URL scheme", edit: OperatorEdit{ServiceURLs: ListEdit{Add: []string{"http://h"}}}, wantErr: `scheme "http" is none of`},
		{name: "account server", edit: OperatorEdit{AccountServerURL: new("https://h/jwt/v1")}, want: `nats.account_server_url: null -> "https://h/jwt/v1"`},
		{name: "account server scheme", edit: OperatorEdit{AccountServerURL: new("foo://x")}, wantErr: `scheme "foo" is none of`},
		{name: "no account server", before: func(c *jwt.OperatorClaims) { c.AccountServerURL = "http://h" }, edit: OperatorEdit{AccountServerURL: new("")}, want: `nats.account_server_url: "http://h" -> null`},
		{name: "system account", edit: OperatorEdit{SystemAccount: new(a)}, want: `nats.system_account: null -> "` + a + `"`},
		{name: "bad system account", edit: OperatorEdit{SystemAccount: new(o)}, wantErr: "is not an account public key"},
		{name: "server version", edit: OperatorEdit{AssertServerVersion: new("2.10.0")}, want: `nats.assert_server_version: null -> "2.10.0"`},
		{name: "bad server version", edit: OperatorEdit{AssertServerVersion: new("2.10")}, wantErr: `server version "2.10"`},
		{name: "times", edit: OperatorEdit{Times: TimesEdit{Start: new(int64(1893456000)), Expires: new(int64(9007199254740993))}}, want: `exp: null -> 9007199254740993; nbf: null -> 1893456000`},
		{name: "past", edit: OperatorEdit{Times: TimesEdit{Expires: new(epoch().Unix())}}, wantErr: "has already passed"},
		{name: "before 1970", edit: OperatorEdit{Times: TimesEdit{Start: new(int64(-1))}}, wantErr: "lies before 1970"},
		{name: "start after expiry", before: func(c *jwt.OperatorClaims) { c.NotBefore = 1893456000 }, edit: OperatorEdit{Times: TimesEdit{Expires: new(int64(1893456000))}}, wantErr: "not before it expires"},
		{name: "no times", before: func(c *jwt.OperatorClaims) { c.Expires = 5 }, edit: OperatorEdit{Times: TimesEdit{Expires: new(int64(0)), Start: new(int64(0))}}, want: `exp: 5 -> null`},
		{name: "old faults do not stop an edit", before: func(c *jwt.OperatorClaims) { c.SystemAccount = "junk"; c.Expires = 5 }, edit: OperatorEdit{Tags: ListEdit{Add: []string{"x"}}}, want: `nats.tags: null -> ["x"]`},
	})
}

func TestErrorsNameEverything(t *testing.T) {
	t.Parallel()
	edit := AccountEdit{
		Tags:   ListEdit{Remove: []string{"gone"}},
		Limits: AccountLimitsEdit{Conns: new(int64(-5)), Data: new(int64(-6))},
	}
	_, err := edit.Apply(NewAccount(pub(t, nkeys.PrefixByteAccount), "A"), epoch())
	if !errors.Is(err, ErrAbsent) {
		t.Errorf("error %v does not wrap ErrAbsent", err)
	}
	for _, want := range []string{`tag "gone": does not exist`, `limit "conns": -5`, `limit "data": -6`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}
