package claims

import (
	"errors"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Chain says everything that is amiss with claims that were read: what Check
// finds, and whether those stand behind them who must. Verify… ends at the first
// reason for distrust; a Chain goes on. It is safe for several goroutines.
type Chain struct {
	// Operator issues the accounts. Nil leaves open who may.
	Operator *jwt.OperatorClaims
	// Managed is whether accounts may wait for their operator's signature.
	Managed bool
	// Now is the time at which claims have to be in force.
	Now time.Time
}

// OperatorIssues judges an operator by itself.
func (ch Chain) OperatorIssues(c *jwt.OperatorClaims) []Issue {
	return append(distrusted(trustOperator(c)), Check(c, ch.Now)...)
}

// AccountIssues judges an account of the operator.
func (ch Chain) AccountIssues(c *jwt.AccountClaims) []Issue {
	var r report
	if op := ch.Operator; op != nil {
		r.issues = distrusted(trustAccount(c, op, ch.Managed))
		if c.Subject == op.SystemAccount && c.Limits.IsJSEnabled() {
			r.add(LevelError, "nats.limits", "has JetStream, which servers refuse to a system account")
		}
	}
	return append(r.issues, Check(c, ch.Now)...)
}

// UserIssues judges a user of the account ac. Nil leaves open whose it is.
func (ch Chain) UserIssues(c *jwt.UserClaims, ac *jwt.AccountClaims) []Issue {
	var r report
	if ac != nil {
		r.issues = distrusted(trustUser(c, ac))
		if op := ch.Operator; op != nil && op.StrictSigningKeyUsage && c.Issuer == ac.Subject {
			r.add(LevelError, "iss", "issued by the identity of account %q, and operator %q requires signing keys", ac.Name, op.Name)
		}
		if c.BearerToken && ac.Limits.DisallowBearer {
			r.add(LevelError, "nats.bearer_token", "is a bearer token, which account %q does not allow", ac.Name)
		}
	}
	if ac != nil {
		if _, err := Effective(ac, c); err != nil {
			r.add(LevelError, "iss", "servers refuse it for the template of its role: %v", err)
		}
	}
	if ac != nil && ac.IsClaimRevoked(c) {
		r.add(LevelWarning, "iat", "is revoked in account %q: servers refuse it", ac.Name)
	}
	return append(r.issues, Check(c, ch.Now)...)
}

// distrusted is the reason of a *TrustError as an issue; none for nil.
func distrusted(err error) []Issue {
	var trust *TrustError
	if !errors.As(err, &trust) {
		return nil
	}
	return []Issue{{Level: LevelError, Field: "iss", Text: trust.Reason}}
}
