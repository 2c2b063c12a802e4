package cmd

import (
	"maps"
	"slices"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// scopedKey understands a signing key as people name it: by its role, by what
// signingKey takes, or generate.
func (w *workspace) scopedKey(ac *account, value string) (key, error) {
	if value == "generate" {
		return w.app.newKey(nkeys.PrefixByteAccount)
	}
	if keys := claims.KeysOfRole(ac.claims, value); len(keys) > 0 {
		public, err := ac.keyOfRole(value)
		return key{public: public}, err
	}
	k, err := w.givenKey(value, nkeys.PrefixByteAccount)
	return k, withHint(err, "name a role (%s), a public key, a seed, a file that holds one, or generate", ac.rolesSaid())
}

// keyOfRole is the one signing key that has the role.
func (ac *account) keyOfRole(role string) (string, error) {
	switch keys := claims.KeysOfRole(ac.claims, role); len(keys) {
	case 0:
		return "", withHint(missingf("role %q: no signing key of account %q has it", role, ac.name),
			"%s; add one with: nkeep edit signing-key -a %q --sk generate --role NAME", ac.rolesSaid(), ac.name)
	case 1:
		return keys[0], nil
	default:
		return "", withHint(usagef("role %q: %d signing keys have it", role, len(keys)), "name the key instead: %s", firstOf(keys, 10))
	}
}

// keysOfRoles puts keys in the places of roles. What is no role stays as it is: it
// may be a key, and if it is none either, that is for the edit to say.
func (ac *account) keysOfRoles(values []string) error {
	none := func(value string) bool { return len(claims.KeysOfRole(ac.claims, value)) == 0 }
	return toKeys(values, none, ac.keyOfRole)
}

// rolesSaid tells which roles the account has.
func (ac *account) rolesSaid() string {
	names := roles(ac.claims)
	if len(names) == 0 {
		return "the account has none"
	}
	return "the account has " + firstOf(names, 20)
}

// roles are the names of the scopes of an account, sorted.
func roles(ac *jwt.AccountClaims) []string {
	var names []string
	for key := range ac.SigningKeys {
		if s, ok := claims.ScopeOf(ac, key); ok && s.Role != "" {
			names = append(names, s.Role)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// rolesAndKeys are what names a signing key.
func rolesAndKeys(ac *jwt.AccountClaims) []string {
	return append(roles(ac), slices.Collect(maps.Keys(ac.SigningKeys))...)
}

// signingKey makes what became of an account what became of one of its signing
// keys, which goes by its role if it has one.
func (e *entity) signingKey(ac *account, public string, added bool) {
	if added {
		e.Action = actionAdded
	}
	e.Kind, e.Account, e.Name, e.PublicKey, e.Expires = "signing key", ac.name, public, public, 0
	if s, ok := claims.ScopeOf(ac.claims, public); ok && s.Role != "" {
		e.Name = s.Role
	}
}

// refuseIdentities refuses new signing keys of an account that are identity keys of
// others: who issued a user tells nsc whose it is, and one key has one account.
func (o *operator) refuseIdentities(ac *account, publics []string) error {
	for _, public := range publics {
		if _, known := ac.claims.SigningKeys[public]; known {
			continue
		}
		name, found, err := o.store.AccountByKey(public)
		if err != nil {
			return err
		}
		if found && name != ac.name {
			return withHint(usagef("signing key %q: is the identity key of account %q", public, name), "make one for account %q alone: nkeep edit account %q --sk generate", ac.name, ac.name)
		}
	}
	return nil
}
