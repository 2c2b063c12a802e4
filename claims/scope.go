package claims

import (
	"fmt"
	"maps"
	"slices"

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

// KeysOfRole returns the signing keys of ac whose scope has the role, sorted. It is
// one at most, unless another program has made more.
func KeysOfRole(ac *jwt.AccountClaims, role string) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(ac.SigningKeys)) {
		if s, ok := ScopeOf(ac, key); ok && s.Role == role {
			found = append(found, key)
		}
	}
	return found
}

// refuseLifting refuses claims with a template that jwt would not write as it is: it
// leaves out a limit of 0, and what is left out reads as unlimited.
func refuseLifting(c jwt.Claims) error {
	ac, ok := c.(*jwt.AccountClaims)
	if !ok {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(ac.SigningKeys)) {
		if s, ok := ScopeOf(ac, key); ok && (s.Template.Payload == 0 || s.Template.Data == 0 || s.Template.Subs == 0) {
			return fmt.Errorf("signing key %q: its template limits something to 0, which a new signature would lift: set payload, data and subs to other values", key)
		}
	}
	return nil
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
