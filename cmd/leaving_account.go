package cmd

import (
	"slices"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// leavingAccount is an account that is about to be deleted.
type leavingAccount struct {
	name   string
	public string       // empty when its token cannot be read
	keys   []accountKey // then none
}

// accountKey is a key whose seed belongs to an account.
type accountKey struct{ what, public string }

// accountKeys are the identity, signing and curve keys of an account.
func accountKeys(ac *jwt.AccountClaims) []accountKey {
	keys := []accountKey{{"key", ac.Subject}}
	for _, k := range slices.Sorted(slices.Values(ac.SigningKeys.Keys())) {
		keys = append(keys, accountKey{"signing key", k})
	}
	if x := ac.Authorization.XKey; x != "" {
		keys = append(keys, accountKey{"curve key", x})
	}
	return keys
}

func (l leavingAccount) publicKeys() []string {
	keys := make([]string, 0, len(l.keys))
	for _, k := range l.keys {
		keys = append(keys, k.public)
	}
	return keys
}

// all are the users of the account, sorted by name, and when creds are to go those
// that are gone but for their creds.
func (u *accountUsers) all(with disposal) []*leavingUser {
	names := make([]string, 0, len(u.byName))
	for name := range u.byName {
		names = append(names, name)
	}
	if with.creds {
		for name := range u.creds {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	going := make([]*leavingUser, 0, len(names))
	for _, name := range names {
		going = append(going, u.goes(name))
	}
	return going
}

// everyone is isLeaving for the account and all of its users.
func (u *accountUsers) everyone() func(operator, account, user string) bool {
	return func(operator, account, _ string) bool { return operator == u.operator && account == u.account }
}

// removeAccount stages the removal of an account's token, and of its seeds when
// they are to go.
func (c *change) removeAccount(d disposal, operator string, l leavingAccount) (entity, error) {
	file, err := c.tokens.RemoveAccount(operator, l.name)
	if err != nil {
		return entity{}, err
	}
	e := entity{Action: actionDeleted, Kind: jwtstore.KindAccount, Name: l.name, Operator: operator, PublicKey: l.public, Deletion: &deletion{}}
	e.Deletion.removed("token", file)
	for _, k := range l.keys {
		if err := c.removeKey(d, k.what, k.public, e.Deletion); err != nil {
			return entity{}, err
		}
	}
	return e, nil
}
