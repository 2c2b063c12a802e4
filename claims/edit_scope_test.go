package claims

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestScopeEdit(t *testing.T) {
	t.Parallel()
	a, k1, k2 := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	k1, k2 = min(k1, k2), max(k1, k2) // changes come sorted
	scope := func(key, role string) *jwt.UserScope {
		s := jwt.NewUserScope()
		s.Key, s.Role = key, role
		s.Template.Pub.Allow = jwt.StringList{"x"}
		s.Template.Payload = 5
		return s
	}
	reader := func(c *jwt.AccountClaims) { c.SigningKeys.AddScopedSigner(scope(k1, "reader")) }
	both := func(c *jwt.AccountClaims) { reader(c); c.SigningKeys.AddScopedSigner(scope(k2, "writer")) }
	twins := func(c *jwt.AccountClaims) { reader(c); c.SigningKeys.AddScopedSigner(scope(k2, "reader")) }
	plain := func(c *jwt.AccountClaims) { c.SigningKeys.Add(k1) }
	edit := func(key string, e ScopeEdit) AccountEdit {
		return AccountEdit{Scopes: map[string]ScopeEdit{key: e}}
	}
	template := func(l UserLimitsEdit) AccountEdit { return edit(k1, ScopeEdit{Template: l}) }
	allow := func(subject string) AccountEdit {
		return template(UserLimitsEdit{Permissions: PermissionsEdit{AllowSub: []string{subject}}})
	}
	const open = `"template":{"data":-1,"payload":-1,"pub":{},"sub":{},"subs":-1}}`
	const kept = `"template":{"data":-1,"payload":5,"pub":{"allow":["x"]},"sub":{},"subs":-1}}`
	whole := func(key, role, template string) string {
		return `{"description":"","key":"` + key + `","kind":"user_scope","role":"` + role + `",` + template
	}
	field := "nats.signing_keys[0]."
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{name: "a new key", edit: edit(k1, ScopeEdit{Role: new("reader")}), want: `nats.signing_keys[0]: null -> ` + whole(k1, "reader", open)},
		{name: "a new key without a role", edit: edit(k1, ScopeEdit{}), want: `nats.signing_keys[0]: null -> ` + whole(k1, "", open)},
		{name: "a plain key", before: plain, edit: edit(k1, ScopeEdit{Role: new("reader")}), want: `nats.signing_keys[0]: "` + k1 + `" -> ` + whole(k1, "reader", open)},
		{name: "another role", before: reader, edit: edit(k1, ScopeEdit{Role: new("auditor")}), want: field + `role: "reader" -> "auditor"`},
		{name: "the same role", before: reader, edit: edit(k1, ScopeEdit{Role: new("reader")})},
		{name: "nothing about a scope", before: reader, edit: edit(k1, ScopeEdit{})},
		{name: "description", before: reader, edit: edit(k1, ScopeEdit{Description: new("d")}), want: field + `description: "" -> "d"`},
		{name: "a permission keeps the limits", before: reader, edit: allow("y"), want: field + `template.sub.allow: null -> ["y"]`},
		{
			name: "a permission to reply, removed and set at once", before: func(c *jwt.AccountClaims) {
				s := scope(k1, "reader")
				s.Template.Resp = &jwt.ResponsePermission{MaxMsgs: 1, Expires: 7}
				c.SigningKeys.AddScopedSigner(s)
			},
			edit: template(UserLimitsEdit{Permissions: PermissionsEdit{RemoveResponse: true, ResponseMaxMsgs: new(3), AllowPub: []string{"y"}}}),
			want: field + `template.pub.allow: ["x"] -> ["x","y"]; ` + field + `template.resp.max: 1 -> 3; ` + field + `template.resp.ttl: 7 -> 0`,
		},
		{name: "a limit", before: reader, edit: template(UserLimitsEdit{Subs: new(int64(3))}), want: field + `template.subs: -1 -> 3`},
		{name: "a limit of zero", before: reader, edit: template(UserLimitsEdit{Subs: new(int64(0))}), wantErr: `limit "subs": 0 cannot be said`},
		{name: "no limit", before: reader, edit: template(UserLimitsEdit{Payload: new(int64(-1))}), want: field + `template.payload: 5 -> -1`},
		{name: "an absent permission", before: reader, edit: template(UserLimitsEdit{Permissions: PermissionsEdit{Remove: []string{"z"}}}), wantErr: `permission "z": does not exist`},
		{name: "a bad network", before: reader, edit: template(UserLimitsEdit{SourceNetworks: ListEdit{Add: []string{"nowhere"}}}), wantErr: "nowhere"},
		{
			name: "bearer tokens that the account does not allow", before: func(c *jwt.AccountClaims) { reader(c); c.Limits.DisallowBearer = true },
			edit: template(UserLimitsEdit{Bearer: new(true)}), wantErr: "which the account does not allow",
		},
		{name: "templates", before: reader, edit: allow("{{name()}}.{{Subject()}}.{{account-tag(dep)}}.{{x"), want: field + `template.sub.allow: null -> ["{{name()}}.{{Subject()}}.{{account-tag(dep)}}.{{x"]`},
		{name: "an unknown template", before: reader, edit: allow("{{name()}}.{{nam()}}"), wantErr: "{{nam()}} is no template function"},
		{name: "a template without its tag", before: reader, edit: allow("{{tag()}}"), wantErr: "is no template function"},

		{name: "a copy", before: reader, edit: edit(k2, ScopeEdit{From: k1, Role: new("copy")}), want: `nats.signing_keys[1]: null -> ` + whole(k2, "copy", kept)},
		{name: "a copy has no role of its own", before: reader, edit: edit(k2, ScopeEdit{From: k1}), want: `nats.signing_keys[1]: null -> ` + whole(k2, "", kept)},
		{name: "a copy of a plain key", before: plain, edit: edit(k2, ScopeEdit{From: k1}), wantErr: "does not exist"},
		{name: "a copy in the place of another", before: both, edit: edit(k2, ScopeEdit{From: k1}), wantErr: `has the role "writer"`},
		{name: "roles that change places", before: both, edit: AccountEdit{Scopes: map[string]ScopeEdit{k1: {Role: new("writer")}, k2: {Role: new("reader")}}}, want: field + `role: "reader" -> "writer"; nats.signing_keys[1].role: "writer" -> "reader"`},
		{name: "removed with its key", before: reader, edit: AccountEdit{SigningKeys: ListEdit{Remove: []string{k1}}}, want: `nats.signing_keys[0]: ` + whole(k1, "reader", kept) + ` -> null`},

		{name: "a role that is taken", before: both, edit: edit(k2, ScopeEdit{Role: new("reader")}), wantErr: `role "reader": exists already, of the signing key ` + k1},
		{name: "one role for two new keys", edit: AccountEdit{Scopes: map[string]ScopeEdit{k1: {Role: new("r")}, k2: {Role: new("r")}}}, wantErr: `role "r": exists already`},
		{name: "roles that were twins already", before: twins, edit: allow("y"), want: field + `template.sub.allow: null -> ["y"]`},
		{name: "an empty role", edit: edit(k1, ScopeEdit{Role: new("")}), wantErr: "role: is empty"},
		{name: "a role with a blank at its end", edit: edit(k1, ScopeEdit{Role: new("r ")}), wantErr: "begins or ends with a blank"},
		{name: "a role that is a key", edit: edit(k1, ScopeEdit{Role: new(k2)}), wantErr: "is a key"},
		{name: "a control character", edit: edit(k1, ScopeEdit{Role: new("a\x1b")}), wantErr: "control character"},
		{name: "the identity key", edit: edit(a, ScopeEdit{Role: new("r")}), wantErr: "is the identity key"},
		{name: "no key", edit: edit("r", ScopeEdit{Role: new("r")}), wantErr: "is not an account public key"},
	})
}

func TestScopeEditLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	c, k := NewAccount(pub(t, nkeys.PrefixByteAccount), "A"), pub(t, nkeys.PrefixByteAccount)
	s := jwt.NewUserScope()
	s.Key, s.Role = k, "r"
	s.Template.Sub.Allow = append(make(jwt.StringList, 0, 8), "b", "c")
	c.SigningKeys.AddScopedSigner(s)
	kept := *c
	was := stamped(t, &kept)
	e := ScopeEdit{Role: new("q"), Template: UserLimitsEdit{Permissions: PermissionsEdit{AllowSub: []string{"a"}, Remove: []string{"c"}}}}
	if _, err := (AccountEdit{Scopes: map[string]ScopeEdit{k: e}}).Apply(c, epoch()); err != nil {
		t.Fatal(err)
	}
	if now := stamped(t, &kept); now != was {
		t.Errorf("got  %s\nwant %s", now, was)
	}
	if got := KeysOfRole(c, "q"); !slices.Equal(got, []string{k}) {
		t.Errorf("KeysOfRole: %q", got)
	}
	if got := KeysOfRole(c, "r"); len(got) > 0 {
		t.Errorf("KeysOfRole of the old role: %q", got)
	}
}

// TestEncodeLiftsNoLimit holds that a limit of 0 in a template, as programs in
// other languages write it, is not lost by signing the account again.
func TestEncodeLiftsNoLimit(t *testing.T) {
	t.Parallel()
	kp, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	sign := func(_ string, data []byte) ([]byte, error) { return kp.Sign(data) }
	c, k := NewAccount(pub(t, nkeys.PrefixByteAccount), "A"), pub(t, nkeys.PrefixByteAccount)
	if err := c.SigningKeys.UnmarshalJSON([]byte(`[{"kind":"user_scope","key":"` + k + `","role":"r","template":{"pub":{},"sub":{},"subs":0}}]`)); err != nil {
		t.Fatal(err)
	}
	if _, err := Encode(c, "", public, sign); err == nil || !strings.Contains(err.Error(), "would lift") {
		t.Errorf("error %v", err)
	}
	e := ScopeEdit{Template: UserLimitsEdit{Subs: new(int64(1))}}
	if _, err := (AccountEdit{Scopes: map[string]ScopeEdit{k: e}}).Apply(c, epoch()); err != nil {
		t.Fatal(err)
	}
	if _, err := Encode(c, "", public, sign); err != nil {
		t.Error(err)
	}
}
