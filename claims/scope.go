package claims

import (
	"github.com/nats-io/jwt/v2"
)

// ScopeOf returns the scope that ac puts on the users signed by key (an account
// public key), and whether there is one. The scope is ac's own, not a copy.
func ScopeOf(ac *jwt.AccountClaims, key string) (*jwt.UserScope, bool) {
	switch s := ac.SigningKeys[key].(type) {
	case *jwt.UserScope:
		return s, s != nil
	case jwt.UserScope:
		return &s, true
	default:
		return nil, false
	}
}

// Scoped reports whether u was issued by a scoped signing key of ac, which then
// decides what u may do; u itself must carry no permissions.
func Scoped(ac *jwt.AccountClaims, u *jwt.UserClaims) bool {
	_, scoped := ScopeOf(ac, u.Issuer)
	return scoped
}

// Scope takes all permissions and limits from u, as a user needs that a scoped
// key will sign. Its name, times and tags stay.
func Scope(u *jwt.UserClaims) {
	u.UserPermissionLimits = jwt.UserPermissionLimits{}
}
