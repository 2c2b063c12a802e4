package claims

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Upgrade reads a token of version 1 as claims of version 2, to be signed again:
// its form, its signature, and that its subject is a key of its kind. old is
// false, and the claims nil, for a token that is not of version 1: nothing is
// said of that one.
//
// What a limit left out meant in version 1, none at all, is said in version 2.
func Upgrade(token string) (c jwt.Claims, old bool, err error) {
	if _, err := decode(token); !errors.Is(err, ErrVersion1) {
		return nil, false, nil
	}
	if c, err = jwt.Decode(token); err != nil {
		return nil, true, fmt.Errorf("token of version 1: %w", err)
	}
	payload, err := decodePart(strings.Split(token, ".")[1])
	if err == nil {
		err = checkNames(payload, reflect.TypeOf(c))
	}
	if err != nil {
		return nil, true, fmt.Errorf("token payload: %w", err)
	}
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		c.Version = version
		err = checkSubjectKey(c, nkeys.IsValidPublicOperatorKey)
	case *jwt.AccountClaims:
		c.Version = version
		err = checkSubjectKey(c, nkeys.IsValidPublicAccountKey)
	case *jwt.UserClaims:
		c.Version = version
		err = checkSubjectKey(c, nkeys.IsValidPublicUserKey)
	default:
		err = fmt.Errorf("token is of type %q", c.ClaimType())
	}
	if err == nil {
		err = checkContent(c)
	}
	return c, true, err
}

// TrustUpgraded verifies that who has issued claims that [Upgrade] returned may
// have: op is the operator and ac the account of a user, as they are now.
func TrustUpgraded(c jwt.Claims, op *jwt.OperatorClaims, ac *jwt.AccountClaims, managed bool) error {
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		return trustOperator(c)
	case *jwt.AccountClaims:
		return trustAccount(c, op, managed)
	case *jwt.UserClaims:
		return trustUser(c, ac)
	}
	return fmt.Errorf("token is of type %q", c.ClaimType())
}
