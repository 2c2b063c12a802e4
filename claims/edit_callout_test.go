package claims

import (
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestAuthCalloutEdit(t *testing.T) {
	t.Parallel()
	a, b, u, v, x := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteUser), pub(t, nkeys.PrefixByteUser), pub(t, nkeys.PrefixByteCurve)
	edit := func(e AuthCalloutEdit) AccountEdit { return AccountEdit{AuthCallout: e} }
	add := func(values ...string) ListEdit { return ListEdit{Add: values} }
	remove := func(values ...string) ListEdit { return ListEdit{Remove: values} }
	full := func(c *jwt.AccountClaims) {
		c.Authorization = jwt.ExternalAuthorization{AuthUsers: jwt.StringList{u}, AllowedAccounts: jwt.StringList{b}, XKey: x}
	}
	field := "nats.authorization."
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{
			name: "all of it", edit: edit(AuthCalloutEdit{AuthUsers: add(u), AllowedAccounts: add(b), XKey: new(x)}),
			want: field + `allowed_accounts: null -> ["` + b + `"]; ` + field + `auth_users: null -> ["` + u + `"]; ` + field + `xkey: null -> "` + x + `"`,
		},
		{name: "a second user", before: full, edit: edit(AuthCalloutEdit{AuthUsers: add(v)}), want: field + `auth_users: ["` + u + `"] -> ["` + u + `","` + v + `"]`},
		{name: "one that is there", before: full, edit: edit(AuthCalloutEdit{AuthUsers: add(u)})},
		{name: "one that is not there", before: full, edit: edit(AuthCalloutEdit{AuthUsers: remove(v)}), wantErr: `auth user "` + v + `": does not exist`},
		{name: "the last user", before: full, edit: edit(AuthCalloutEdit{AuthUsers: remove(u)}), wantErr: "need an auth user"},
		{
			name: "the last user with its accounts", before: full, edit: edit(AuthCalloutEdit{AuthUsers: remove(u), AllowedAccounts: remove(b)}),
			want: field + `allowed_accounts: ["` + b + `"] -> null; ` + field + `auth_users: ["` + u + `"] -> null`,
		},
		{name: "any account beside others", before: full, edit: edit(AuthCalloutEdit{AllowedAccounts: add(jwt.AnyAccount)}), wantErr: "stands alone"},
		{name: "any account in the place of others", before: full, edit: edit(AuthCalloutEdit{AllowedAccounts: ListEdit{Add: []string{jwt.AnyAccount}, Remove: []string{b}}}), want: field + `allowed_accounts: ["` + b + `"] -> ["*"]`},
		{name: "accounts without a user", edit: edit(AuthCalloutEdit{AllowedAccounts: add(b)}), wantErr: "need an auth user"},
		{name: "an account as a user", edit: edit(AuthCalloutEdit{AuthUsers: add(b)}), wantErr: "is not a user public key"},
		{name: "a user as an account", edit: edit(AuthCalloutEdit{AuthUsers: add(u), AllowedAccounts: add(v)}), wantErr: "is neither an account public key"},
		{name: "no curve key", before: full, edit: edit(AuthCalloutEdit{XKey: new("")}), want: field + `xkey: "` + x + `" -> null`},
		{name: "no curve key where there is none", edit: edit(AuthCalloutEdit{XKey: new("")})},
		{name: "another kind of key", edit: edit(AuthCalloutEdit{XKey: new(u)}), wantErr: "is not a curve public key"},
		{
			name: "disabled", before: full, edit: edit(AuthCalloutEdit{Disable: true}),
			want: field + `allowed_accounts: ["` + b + `"] -> null; ` + field + `auth_users: ["` + u + `"] -> null; ` + field + `xkey: "` + x + `" -> null`,
		},
		{name: "disabled twice", edit: edit(AuthCalloutEdit{Disable: true})},
		{name: "disabled and changed", before: full, edit: edit(AuthCalloutEdit{Disable: true, AuthUsers: add(v)}), wantErr: "at once"},
	})
}
