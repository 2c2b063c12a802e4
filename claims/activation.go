package claims

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// ActivationSpec says for whom an activation is, and for what: all there is to it
// but its issuer, the account that exports.
type ActivationSpec struct {
	// Target is the public key of the account that may import.
	Target string `json:"target"`
	// Subject is what it may import: all of a private export or a part.
	Subject string    `json:"subject"`
	Times   TimesEdit `json:"times,omitzero"`
}

// NewActivation returns the claims of an activation for x, an export of the account
// c, to be signed by EncodeActivation. It refuses what no server would let in: an export that
// is public and needs none, a subject outside of it, a target that is no other
// account, an expiry that has passed at now, and whatever is revoked already.
func NewActivation(c *jwt.AccountClaims, x *jwt.Export, s ActivationSpec, now time.Time) (*jwt.ActivationClaims, error) {
	act := &jwt.ActivationClaims{}
	act.Subject, act.Name = s.Target, s.Subject
	act.Type, act.Version = jwt.ActivationClaim, version
	act.ImportSubject, act.ImportType = jwt.Subject(s.Subject), x.Type
	if err := exportError(x, grantProblem(c, x, s, now)); err != nil {
		return nil, err
	}
	if err := s.Times.apply(&act.ClaimsData, now); err != nil {
		return nil, err
	}
	for _, issue := range Check(act, now) {
		if issue.Level == LevelError {
			return nil, issue.err()
		}
	}
	return act, nil
}

func grantProblem(c *jwt.AccountClaims, x *jwt.Export, s ActivationSpec, now time.Time) error {
	switch err := checkSubject("subject", s.Subject); {
	case err != nil:
		return err
	case !x.TokenReq:
		return errors.New("is public: importing it needs no activation")
	case !within(jwt.Subject(s.Subject), x.Subject):
		return fmt.Errorf("subject %q: is not a part of it", clip(s.Subject))
	case !nkeys.IsValidPublicAccountKey(s.Target):
		return fmt.Errorf("target %q: is not the public key of an account", clip(s.Target))
	case s.Target == c.Subject:
		return errors.New("target: is the account that exports")
	case x.Revocations.IsRevoked(s.Target, now):
		return fmt.Errorf("activations of account %q are revoked until %s, and so would be a new one", s.Target, utc(revokedUntil(x, s.Target)))
	}
	return nil
}

func revokedUntil(x *jwt.Export, account string) int64 {
	return max(x.Revocations[account], x.Revocations[jwt.All])
}

// EncodeActivation signs an activation with the key whose public key is public, by sign, on
// behalf of the account exporter, a public key, and returns the token.
func EncodeActivation(act *jwt.ActivationClaims, exporter, public string, sign jwt.SignFn) (string, error) {
	act.IssuerAccount = ""
	if public != exporter {
		act.IssuerAccount = exporter
	}
	return Encode(act, "", public, sign)
}

// Exporter returns the public key of the account on whose behalf an activation was
// issued.
func Exporter(act *jwt.ActivationClaims) string {
	if act.IssuerAccount != "" {
		return act.IssuerAccount
	}
	return act.Issuer
}

// ReadActivation reads an activation token: its form, its signature, that it is for
// an account and issued by an account's key, and that it is for a subject. Whether a
// signing key is one of the account it speaks for is not known here: see
// VerifyActivation. The error is a *TrustError.
func ReadActivation(token string) (*jwt.ActivationClaims, error) {
	act, err := read[*jwt.ActivationClaims](token, jwt.ActivationClaim, nkeys.IsValidPublicAccountKey)
	if err != nil {
		return nil, err
	}
	switch err := checkSubject("subject", string(act.ImportSubject)); {
	case !nkeys.IsValidPublicAccountKey(act.Issuer):
		return nil, distrust(act, "issuer %q is no key of an account", act.Issuer)
	case !nkeys.IsValidPublicAccountKey(Exporter(act)):
		return nil, distrust(act, "issuer account %q is no public key of an account", clip(act.IssuerAccount))
	case err != nil:
		return nil, distrust(act, "%v", err)
	case act.ImportType != jwt.Stream && act.ImportType != jwt.Service:
		return nil, distrust(act, "is for neither a stream nor a service")
	}
	return act, nil
}

// VerifyActivation is ReadActivation, and verifies that the account c issued the
// activation: by its identity or a signing key. The error is a *TrustError.
func VerifyActivation(token string, c *jwt.AccountClaims) (*jwt.ActivationClaims, error) {
	act, err := ReadActivation(token)
	switch {
	case err != nil:
		return nil, err
	case Exporter(act) != c.Subject:
		return nil, distrust(act, "is not from account %q", c.Name)
	case act.Issuer != c.Subject && !c.SigningKeys.Contains(act.Issuer):
		return nil, distrust(act, "issuer %q is not a key of account %q", act.Issuer, c.Name)
	}
	return act, nil
}

// activationProblems returns in what an activation differs from what the import of
// the account importer needs. When it is in force is another question.
func activationProblems(act *jwt.ActivationClaims, im *jwt.Import, importer string) []error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf("activation "+format, args...)) }
	if act.Issuer != im.Account && act.IssuerAccount != im.Account {
		add("is not from account %q", im.Account)
	}
	if act.Subject != importer {
		add("is for account %q", act.Subject)
	}
	if act.ImportType != im.Type {
		add("is for a %s, not a %s", act.ImportType, im.Type)
	}
	if remote := RemoteSubject(im); !within(remote, act.ImportSubject) {
		add("is for %q, not for %q", act.ImportSubject, remote)
	}
	return errs
}
