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
	Err     error         // why the token could not be read; nil if it could
}

// Unwrap gives why the token could not be read.
func (e *TrustError) Unwrap() error { return e.Err }

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
	c, err := ReadOperator(token)
	if err == nil {
		err = trustOperator(c)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func trustOperator(c *jwt.OperatorClaims) error {
	if c.Issuer != c.Subject && !c.SigningKeys.Contains(c.Issuer) {
		return distrust(c, "issuer %q is neither its identity nor one of its signing keys", c.Issuer)
	}
	return nil
}

// VerifyAccount reads an account token and verifies that op issued it: by a
// signing key, or by its identity unless op is strict. In a managed store the
// account may also have signed itself, for its operator to sign it later.
// The error is a *TrustError.
func VerifyAccount(token string, op *jwt.OperatorClaims, managed bool) (*jwt.AccountClaims, error) {
	c, err := ReadAccount(token)
	if err == nil {
		err = trustAccount(c, op, managed)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func trustAccount(c *jwt.AccountClaims, op *jwt.OperatorClaims, managed bool) error {
	switch {
	case slices.Contains(OperatorSigners(op), c.Issuer):
		return nil
	case managed && signedItself(c):
		return nil
	case c.Issuer == op.Subject:
		return distrust(c, "issued by the identity of operator %q, which requires signing keys", op.Name)
	}
	return distrust(c, "issuer %q is not a key of operator %q", c.Issuer, op.Name)
}

// IsSelfSigned reports whether a key of the account itself issued it, as in a
// managed store before its operator has signed it.
func IsSelfSigned(c *jwt.AccountClaims) bool { return signedItself(c) }

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
	c, err := ReadUser(token)
	if err == nil {
		err = trustUser(c, ac)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func trustUser(c *jwt.UserClaims, ac *jwt.AccountClaims) error {
	byIdentity := c.Issuer == ac.Subject
	switch {
	case !byIdentity && !ac.SigningKeys.Contains(c.Issuer):
		return distrust(c, "issuer %q is not a key of account %q", c.Issuer, ac.Name)
	case c.IssuerAccount != "" && c.IssuerAccount != ac.Subject:
		return distrust(c, "issuer account %q is not account %q", c.IssuerAccount, ac.Name)
	case c.IssuerAccount == "" && !byIdentity:
		return distrust(c, "issued by a signing key without naming account %q", ac.Name)
	case Scoped(ac, c) && !c.HasEmptyPermissions():
		return distrust(c, "issued by the scoped key %q, yet carries permissions or limits of its own", c.Issuer)
	}
	return nil
}

// ReadOperator reads an operator token: its form, its signature and that its
// subject is an operator's key. Whose keys signed it is not asked. The error is
// a *TrustError.
func ReadOperator(token string) (*jwt.OperatorClaims, error) {
	return read[*jwt.OperatorClaims](token, jwt.OperatorClaim, nkeys.IsValidPublicOperatorKey)
}

// ReadAccount is ReadOperator for accounts.
func ReadAccount(token string) (*jwt.AccountClaims, error) {
	return read[*jwt.AccountClaims](token, jwt.AccountClaim, nkeys.IsValidPublicAccountKey)
}

// ReadUser is ReadOperator for users.
func ReadUser(token string) (*jwt.UserClaims, error) {
	return read[*jwt.UserClaims](token, jwt.UserClaim, nkeys.IsValidPublicUserKey)
}

// Read reads a token of any kind: its form, its signature, and for an operator,
// an account or a user also its subject.
func Read(token string) (jwt.Claims, error) {
	c, err := decode(token)
	if err != nil {
		return nil, err
	}
	isKey := func(string) bool { return true }
	switch c.(type) {
	case *jwt.OperatorClaims:
		isKey = nkeys.IsValidPublicOperatorKey
	case *jwt.AccountClaims:
		isKey = nkeys.IsValidPublicAccountKey
	case *jwt.UserClaims:
		isKey = nkeys.IsValidPublicUserKey
	}
	return c, checkSubjectKey(c, isKey)
}

func checkSubjectKey(c jwt.Claims, isKey func(string) bool) error {
	if subject := c.Claims().Subject; !isKey(subject) {
		return distrust(c, "subject %q is no %s public key", subject, c.ClaimType())
	}
	return nil
}

// read decodes token as claims of type T whose subject isKey accepts.
func read[T jwt.Claims](token string, kind jwt.ClaimType, isKey func(string) bool) (T, error) {
	var none T
	claims, err := decode(token)
	if err != nil {
		return none, &TrustError{Kind: kind, Reason: err.Error(), Err: err}
	}
	c, ok := claims.(T)
	if !ok {
		return none, &TrustError{Kind: kind, Reason: fmt.Sprintf("token is of type %q", claims.ClaimType())}
	}
	if err := checkSubjectKey(c, isKey); err != nil {
		return none, err
	}
	return c, nil
}

// NotAbout is the *TrustError for claims that are about another than the public
// key that was asked for.
func NotAbout(c jwt.Claims, asked string) error {
	return distrust(c, "is about %q, and not about %q, which was asked for", c.Claims().Subject, asked)
}

func distrust(c jwt.Claims, format string, args ...any) error {
	return &TrustError{
		Kind:    c.ClaimType(),
		Name:    c.Claims().Name,
		Subject: c.Claims().Subject,
		Reason:  fmt.Sprintf(format, args...),
	}
}
