package claims

import (
	"fmt"
	"slices"

	"github.com/nats-io/jwt/v2"
)

// Reidentify gives an operator another identity, an operator public key. With keep
// the old one becomes a signing key, so that what it has issued stays good. If it
// returns an error, which wraps [ErrPresent] for a key that op has, op is as it was.
func Reidentify(op *jwt.OperatorClaims, public string, keep bool) error {
	switch {
	case public == op.Subject:
		return fmt.Errorf("key %q: %w, as the identity of operator %q", public, ErrPresent, op.Name)
	case op.SigningKeys.Contains(public):
		return fmt.Errorf("key %q: %w, as a signing key of operator %q", public, ErrPresent, op.Name)
	case op.StrictSigningKeyUsage && len(op.SigningKeys) == 0 && !keep:
		return fmt.Errorf("operator %q: requires signing keys, and has none", op.Name)
	}
	if keep && !op.SigningKeys.Contains(op.Subject) {
		op.SigningKeys = append(slices.Clone(op.SigningKeys), op.Subject)
	}
	op.Subject = public
	return nil
}

// EncodeReissued is [Encode] for an operator that had another identity in the
// previous token, whose public key is given.
func EncodeReissued(c *jwt.OperatorClaims, previous, identity string, sign jwt.SignFn) (string, error) {
	kept, err := unknownOf(previous, c, identity)
	if err != nil {
		return "", fmt.Errorf("previous token: %w", err)
	}
	return encodeWith(c, kept, c.Subject, sign)
}
