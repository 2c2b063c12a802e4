package claims

import (
	"slices"

	"github.com/nats-io/jwt/v2"
)

// OperatorSigners returns the keys that may sign the operator and its accounts,
// in the order in which to look for their seeds: the identity, then the signing
// keys in the order of the JWT. A strict operator leaves its identity out.
func OperatorSigners(op *jwt.OperatorClaims) []string {
	if op.StrictSigningKeyUsage {
		return slices.Clone(op.SigningKeys)
	}
	return append([]string{op.Subject}, op.SigningKeys...)
}

// AccountSigners returns the keys that may sign the account ac of op, in order:
// those of OperatorSigners, and in a managed store, where the operator's keys
// are elsewhere, also the account's own identity and plain signing keys. Even if
// op is strict, the identity may: whoever has those keys signs after it.
func AccountSigners(op *jwt.OperatorClaims, ac *jwt.AccountClaims, managed bool) []string {
	keys := OperatorSigners(op)
	if managed {
		own, _ := UserSigners(op, ac)
		if op.StrictSigningKeyUsage {
			keys = append(keys, ac.Subject)
		}
		keys = append(keys, own...)
	}
	return keys
}

// UserSigners returns the keys that may sign users of ac and activations for
// its exports. First come those that lend the user no limits: the identity
// (left out if op is strict), then the plain signing keys, sorted. Scoped keys,
// sorted too, come apart, for one must be asked for and never merely found.
func UserSigners(op *jwt.OperatorClaims, ac *jwt.AccountClaims) (plain, scoped []string) {
	if !op.StrictSigningKeyUsage {
		plain = append(plain, ac.Subject)
	}
	keys := ac.SigningKeys.Keys()
	slices.Sort(keys)
	for _, key := range keys {
		if ac.SigningKeys[key] == nil {
			plain = append(plain, key)
		} else {
			scoped = append(scoped, key)
		}
	}
	return plain, scoped
}
