package render

import (
	"time"

	"github.com/nats-io/jwt/v2"
)

// User shows user claims. Scope is the scope of the signing key the user was issued by, or nil if that key has none; a scoped
// user has the permissions and limits of its scope and none of its own.
func User(c *jwt.UserClaims, scope *jwt.UserScope, names Names, now time.Time) View {
	return user(c, scope, false, names, now)
}

// user is User for a user whose account may be unknown, so that its key may have a scope or not.
func user(c *jwt.UserClaims, scope *jwt.UserScope, stray bool, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		var f fields
		f.identity(labelName, "User ID", c.Claims(), names, now)
		f.optional(labelIssuerAccount, names.full(c.IssuerAccount))
		maybeScoped := stray && c.IssuerAccount != "" && c.HasEmptyPermissions()
		if !maybeScoped {
			f.yesNo("Issuer Scoped", scope != nil)
		}
		if scope == nil {
			f.rights(&c.UserPermissionLimits)
		}
		f.set(labelTags, c.Tags)
		t.Fields("User Details", f)
		if scope != nil {
			t.Linef("The permissions and limits of this user are those of its signing key:")
			scopeTable(t, scope)
		}
		if maybeScoped {
			t.Linef("If the signing key has a scope, its permissions and limits apply instead.")
		}
	}}
}

// scopeTable writes what a scoped signing key grants.
func scopeTable(t *Text, s *jwt.UserScope) {
	var f fields
	f.add(labelKey, s.Key)
	f.add(labelRole, s.Role)
	f.optional(labelDescription, s.Description)
	f.rights(&s.Template)
	t.Fields("Signing Key Scope", f)
}
