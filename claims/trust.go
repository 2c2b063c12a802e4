package claims

import (
	"fmt"
	"slices"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TrustError says why a token is not accepted as what it is taken for.
type TrustError struct {
	Kind    jwt.ClaimType // what was expected: operator, account or user
	Name    string        // the claim's name; empty if the token could not be read
	Subject string        // the claim's public key; empty if the token could not be read
	Reason  string        // what disagrees
}

// Error names the entity and what disagrees.
func (e *TrustError) Error() string {
	if e.Subject == "" {
		return fmt.Sprintf("%s: %s", e.Kind, e.Reason)
	}
	return fmt.Sprintf("%s %q: %s", e.Kind, e.Name, e.Reason)
}

// VerifyOperator reads an operator token and verifies that the operator itself
// issued it, by its identity or one of its signing keys. That says nothing about
// whether it is the operator the caller means: compare the subject for that.
// The error is a *TrustError.
func VerifyOperator(token string) (*jwt.OperatorClaims, error) {
	c, err := read[*jwt.OperatorClaims](token, jwt.OperatorClaim, nkeys.IsValidPublicOperatorKey)
	if err != nil {
		return nil, err
	}
	if c.Issuer != c.Subject && !c.SigningKeys.Contains(c.Issuer) {
		return nil, distrust(c, "issuer %q is neither its identity nor one of its signing keys", c.Issuer)
	}
	return c, nil
}

// VerifyAccount reads an account token and verifies that op issued it: by a
// signing key, or by its identity unless op is strict. In a managed store the
// account may also have signed itself, for its operator to sign it later.
// The error is a *TrustError.
func VerifyAccount(token string, op *jwt.OperatorClaims, managed bool) (*jwt.AccountClaims, error) {
	c, err := read[*jwt.AccountClaims](token, jwt.AccountClaim, nkeys.IsValidPublicAccountKey)
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(OperatorSigners(op), c.Issuer):
		return c, nil
	case managed && signedItself(c):
		return c, nil
	case c.Issuer == op.Subject:
		return nil, distrust(c, "issued by the identity of operator %q, which requires signing keys", op.Name)
	}
	return nil, distrust(c, "issuer %q is not a key of operator %q", c.Issuer, op.Name)
}

func signedItself(c *jwt.AccountClaims) bool {
	if c.Issuer == c.Subject {
		return true
	}
	scope, known := c.SigningKeys[c.Issuer]
	return known && scope == nil
}

// VerifyUser reads a user token and verifies that the account ac issued it, by
// its identity or a signing key, that it names ac as its account, and that it
// carries no permissions if a scoped key signed it: nats-server refuses the
// others too. Whether the operator is strict is not asked. The error is a
// *TrustError.
func VerifyUser(token string, ac *jwt.AccountClaims) (*jwt.UserClaims, error) {
	c, err := read[*jwt.UserClaims](token, jwt.UserClaim, nkeys.IsValidPublicUserKey)
	if err != nil {
		return nil, err
	}
	byIdentity := c.Issuer == ac.Subject
	switch {
	case !byIdentity && !ac.SigningKeys.Contains(c.Issuer):
		return nil, distrust(c, "issuer %q is not a key of account %q", c.Issuer, ac.Name)
	case c.IssuerAccount != "" && c.IssuerAccount != ac.Subject:
		return nil, distrust(c, "issuer account %q is not account %q", c.IssuerAccount, ac.Name)
	case c.IssuerAccount == "" && !byIdentity:
		return nil, distrust(c, "issued by a signing key without naming account %q", ac.Name)
	case Scoped(ac, c) && !c.HasEmptyPermissions():
		return nil, distrust(c, "issued by the scoped key %q, yet carries permissions or limits of its own", c.Issuer)
	}
	return c, nil
}

// read decodes token as claims of type T whose subject isKey accepts.
func read[T jwt.Claims](token string, kind jwt.ClaimType, isKey func(string) bool) (T, error) {
	var none T
	claims, err := decode(token)
	if err != nil {
		return none, &TrustError{Kind: kind, Reason: err.Error()}
	}
	c, ok := claims.(T)
	if !ok {
		return none, &TrustError{Kind: kind, Reason: fmt.Sprintf("token is of type %q", claims.ClaimType())}
	}
	if subject := c.Claims().Subject; !isKey(subject) {
		return none, distrust(c, "subject %q is no %s public key", subject, kind)
	}
	return c, nil
}

func distrust(c jwt.Claims, format string, args ...any) error {
	return &TrustError{
		Kind:    c.ClaimType(),
		Name:    c.Claims().Name,
		Subject: c.Claims().Subject,
		Reason:  fmt.Sprintf(format, args...),
	}
}
