package claims

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	a, sk := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	base := func() *jwt.AccountClaims {
		c := NewAccount(a, "A")
		c.SigningKeys.Add(sk)
		c.Exports.Add(&jwt.Export{Subject: "b", Type: jwt.Stream}, &jwt.Export{Subject: "c", Type: jwt.Service})
		c.Mappings = jwt.Mapping{"x.y": {{Subject: "p", Weight: 50}}}
		c.Revocations = jwt.RevocationList{"*": 5}
		return c
	}
	tests := []struct {
		name string
		edit func(c *jwt.AccountClaims)
		want string
	}{
		{"same", func(*jwt.AccountClaims) {}, ""},
		{"stamps", func(c *jwt.AccountClaims) { c.IssuedAt, c.ID = 5, "x" }, ""},
		{"issuer", func(c *jwt.AccountClaims) { c.Issuer = "x" }, `iss: null -> "x"`},
		{"exact number", func(c *jwt.AccountClaims) { c.Limits.Data = 9007199254740993 }, `nats.limits.data: -1 -> 9007199254740993`},
		{"inserted", func(c *jwt.AccountClaims) {
			c.Exports = append(jwt.Exports{{Subject: "a", Type: jwt.Stream}}, c.Exports...)
		}, `nats.exports[0]: null -> {"subject":"a","type":"stream"}`},
		{"removed", func(c *jwt.AccountClaims) { c.Exports = c.Exports[1:] }, `nats.exports[0]: {"subject":"b","type":"stream"} -> null`},
		{"all removed", func(c *jwt.AccountClaims) { c.Exports = nil }, `nats.exports[0]: {"subject":"b","type":"stream"} -> null; nats.exports[1]: {"subject":"c","type":"service"} -> null`},
		{"inside", func(c *jwt.AccountClaims) {
			c.Exports = jwt.Exports{c.Exports[0], {Subject: "c", Type: jwt.Service, TokenReq: true}}
		}, `nats.exports[1].token_req: null -> true`},
		{"inside twice", func(c *jwt.AccountClaims) {
			c.Exports = jwt.Exports{c.Exports[0], {Subject: "c", Type: jwt.Service, Latency: &jwt.ServiceLatency{Sampling: 5, Results: "l"}}}
		}, `nats.exports[1].service_latency.results: null -> "l"; nats.exports[1].service_latency.sampling: null -> 5`},
		{"other type", func(c *jwt.AccountClaims) {
			c.Exports = jwt.Exports{c.Exports[0], {Subject: "c", Type: jwt.Stream}}
		}, `nats.exports[1]: null -> {"subject":"c","type":"stream"}; nats.exports[1]: {"subject":"c","type":"service"} -> null`},
		{"mapping", func(c *jwt.AccountClaims) { c.Mappings = jwt.Mapping{"x.y": {{Subject: "p", Weight: 60}}} }, `nats.mappings.x.y[0].weight: 50 -> 60`},
		{"revocation", func(c *jwt.AccountClaims) { c.Revocations = jwt.RevocationList{"*": 6} }, `nats.revocations.*: 5 -> 6`},
		{"scope on a key", scopedKey(sk), `nats.signing_keys[0]: "` + sk + `" -> {"description":"","key":"` + sk + `","kind":"user_scope","role":"r","template":{"data":-1,"payload":-1,"pub":{},"sub":{},"subs":-1}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			after := base()
			tt.edit(after)
			changes, err := Diff(base(), after)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(t, changes); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			checkFields(t, base(), after, changes)
		})
	}
}

// checkFields holds that Field leads to what a change says: to To in the later
// claims, or to From in the earlier ones.
func checkFields(t *testing.T, before, after jwt.Claims, changes []Change) {
	t.Helper()
	for _, c := range changes {
		in, want := after, c.To
		if c.To == nil {
			in, want = before, c.From
		}
		got, err := Field(in, c.Field)
		if err != nil {
			t.Errorf("Field(%q): %v", c.Field, err)
			continue
		}
		v, err := plain(got)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(v) != fmt.Sprint(want) {
			t.Errorf("Field(%q) = %v, want %v", c.Field, v, want)
		}
		checkWithin(t, after, c)
	}
}

// checkWithin holds that a change inside of an element of a list brings it along,
// and that its JSON form does not.
func checkWithin(t *testing.T, after jwt.Claims, c Change) {
	t.Helper()
	i := strings.Index(c.Field, "].")
	if i < 0 {
		if c.Within != nil {
			t.Errorf("%s lies within %v", c.Field, c.Within)
		}
		return
	}
	element, err := Field(after, c.Field[:i+1])
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain(element)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Within, want) {
		t.Errorf("%s lies within %v, not %v", c.Field, c.Within, want)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil || len(members) != 3 {
		t.Errorf("JSON: %s, %v", data, err)
	}
}

func TestDiffRefusesUnwritableClaims(t *testing.T) {
	t.Parallel()
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	c.Exports.Add(&jwt.Export{Subject: "x", Type: 9})
	if _, err := Diff(c, c); err == nil {
		t.Error("no error")
	}
	if _, err := Field(c, "name"); err == nil {
		t.Error("no error")
	}
}

func TestFieldOf(t *testing.T) {
	t.Parallel()
	const payload = ` { "iat" : 1795361184, "a.b": {"c": [ {"n": "x>" }, 2 ]}, "n": null, "s": "str", "l": [], "w[0]": 1 } `
	tests := []struct{ path, want, wantErr string }{
		{"iat", "1795361184", ""},
		{"a.b.c[0].n", `"x\u003e"`, ""},
		{"a.b.c", `[{"n":"x\u003e"},2]`, ""},
		{"a.b.c[1]", "2", ""},
		{"w[0]", "1", ""},
		{"n", "null", ""},
		{"zzz", "null", ""},
		{"a.b.zzz", "null", ""},
		{"", "null", ""},
		{"a.b.c[2]", "", "has 2 elements"},
		{"l[0]", "", "has 0 elements"},
		{"a.b.c[-1]", "", "is not a number"},
		{"a.b.c[99999999999999999999]", "", "is not a number"},
		{"a.b.c[0][0]", "", "is not a number"},
		{"s[0]", "", "is not a list"},
		{"zzz[0]", "", "does not exist"},
		{"zzz.x", "", "does not exist"},
		{"s[", "", "no name with one index"},
		{"s]", "", "no name with one index"},
		{"s.x", "", `no value has a member "x"`},
		{"n.x", "", `no value has a member "x"`},
		{"l.x", "", `no value has a member "x"`},
	}
	for _, tt := range tests {
		got, err := FieldOf([]byte(payload), tt.path)
		checkError(t, tt.path, err, tt.wantErr)
		if string(got) != tt.want {
			t.Errorf("%q = %s, want %s", tt.path, got, tt.want)
		}
	}
}

func FuzzFieldOf(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1}]}`), "a[0].b")
	f.Add([]byte(`{"a.b":{}}`), "a.b.c")
	f.Add([]byte(`[`), "x[")
	f.Fuzz(func(t *testing.T, payload []byte, path string) {
		if v, err := FieldOf(payload, path); err == nil && !json.Valid(v) {
			t.Errorf("%q of %q is %q, no JSON", path, payload, v)
		}
	})
}
