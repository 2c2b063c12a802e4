package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// What deserves attention in a connection.
const (
	markUnknownAccount = "unknown_account" // to the store
	markUnknownUser    = "unknown_user"    // to the store
	markNoToken        = "no_token"
	markRevoked        = "revoked"
	markUnknownIssuer  = "unknown_issuer" // no key of the account
	markOtherToken     = "other_token"    // not the present token of the user
	markExpired        = "expired"
	markExpiresSoon    = "expires_soon"
)

// connectionJoin looks connections up in the store: each account and each user once.
type connectionJoin struct {
	op             *operator
	nameOf         func(public string) (string, error)
	accounts       map[string]*connectedAccount
	now, threshold time.Time
}

// connectedAccount is an account of the store, and its users that are connected.
type connectedAccount struct {
	*account
	names  map[string]string // of users, by key
	tokens map[string]string // their ids, by key
}

func (j *connectionJoin) all(list []*connectionRow) error {
	users := map[string][]string{}
	for _, row := range list {
		users[row.Account] = append(users[row.Account], row.User)
	}
	for public, keys := range users {
		slices.Sort(keys)
		if err := j.load(public, slices.Compact(keys)); err != nil {
			return err
		}
	}
	for _, row := range list {
		j.judge(row)
	}
	return nil
}

// load looks an account up, and those of its users who are connected.
func (j *connectionJoin) load(public string, keys []string) error {
	if !nkeys.IsValidPublicAccountKey(public) {
		return nil
	}
	name, err := j.nameOf(public)
	if err != nil || name == "" {
		return err
	}
	ac, err := j.op.readAccount(name)
	if isTrustError(err) {
		j.op.app.out.Warnf("%v", err)
		return nil // what does not check out is not known
	}
	if err != nil {
		return err
	}
	known := &connectedAccount{account: ac, tokens: map[string]string{}}
	if known.names, err = j.op.store.UsersByKey(name, keys...); err != nil {
		return err
	}
	for key, user := range known.names {
		u, err := j.op.unverifiedUser(ac, user)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just been deleted
		}
		if err != nil {
			return err
		}
		known.tokens[key] = u.claims.ID
	}
	j.accounts[public] = known
	return nil
}

// judge marks what deserves attention.
func (j *connectionJoin) judge(row *connectionRow) {
	mark := func(is bool, as string) {
		if is {
			row.Marks = append(row.Marks, as)
		}
	}
	bare := row.Issued.IsZero()
	mark(bare, markNoToken)
	ac := j.accounts[row.Account]
	if mark(ac == nil, markUnknownAccount); ac != nil {
		row.AccountName = ac.name
		row.Role, row.signedBy = issuedBy(ac.claims, row.Issuer)
		name, known := ac.names[row.User]
		if mark(!known, markUnknownUser); known {
			row.StoreName = name
			mark(!bare && ac.tokens[row.User] != row.TokenID, markOtherToken)
		}
		mark(!bare && ac.claims.Revocations.IsRevoked(row.User, row.Issued), markRevoked)
		mark(!bare && row.signedBy == "", markUnknownIssuer)
	}
	switch {
	case row.Expires.IsZero():
	case !row.Expires.After(j.now):
		mark(true, markExpired)
	default:
		mark(!row.Expires.After(j.threshold), markExpiresSoon)
	}
	row.Refused = slices.ContainsFunc(row.Marks, func(m string) bool { return m == markRevoked || m == markUnknownIssuer || m == markExpired })
}

// issuedBy says who of an account signed: the account itself, a signing key, or a
// role; nothing if nobody did.
func issuedBy(ac *jwt.AccountClaims, issuer string) (role, words string) {
	if issuer == ac.Subject {
		return "", "account"
	}
	scope, ok := ac.SigningKeys.GetScope(issuer)
	if !ok {
		return "", ""
	}
	if s, ok := scope.(*jwt.UserScope); ok && s != nil {
		return s.Role, fmt.Sprintf("role %s", s.Role)
	}
	return "", "signing key " + shortKey(issuer)
}

// shortKey is the beginning of a key, for where a whole one leaves no room.
func shortKey(public string) string {
	if len(public) <= 12 {
		return public
	}
	return public[:12] + "…"
}
