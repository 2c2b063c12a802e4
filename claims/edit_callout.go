package claims

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// AuthCalloutEdit changes who authenticates the clients of an account in the place
// of the server. A nil or empty field leaves its value alone.
type AuthCalloutEdit struct {
	// AuthUsers are user public keys: those that answer the callout, and for whom
	// there is none.
	AuthUsers ListEdit `json:"auth_users,omitzero"`
	// AllowedAccounts are account public keys, to which clients may be bound, or
	// jwt.AnyAccount alone. They need an auth user.
	AllowedAccounts ListEdit `json:"allowed_accounts,omitzero"`
	// XKey is the curve public key for which requests are encrypted; "" is none.
	XKey *string `json:"xkey,omitempty"`
	// Disable ends the callout, and excludes all of the above.
	Disable bool `json:"disable,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e AuthCalloutEdit) Empty() bool {
	return e.AuthUsers.Empty() && e.AllowedAccounts.Empty() && e.XKey == nil && !e.Disable
}

func (e AuthCalloutEdit) apply(a *jwt.ExternalAuthorization) error {
	next := *a
	switch disabled := (AuthCalloutEdit{AuthUsers: e.AuthUsers, AllowedAccounts: e.AllowedAccounts, XKey: e.XKey}); {
	case e.Empty():
		return nil
	case e.Disable && !disabled.Empty():
		return errors.New("auth callout: cannot be disabled and changed at once")
	case e.Disable:
		*a = jwt.ExternalAuthorization{}
		return nil
	}
	err := errors.Join(
		applyList(e.AuthUsers, "auth user", &next.AuthUsers, parseAuthUser),
		applyList(e.AllowedAccounts, "allowed account", &next.AllowedAccounts, parseAllowedAccount),
		setParsed(&next.XKey, e.XKey, parseXKey),
	)
	if err != nil {
		return err
	}
	switch {
	case len(next.AllowedAccounts) > 1 && slices.Contains(next.AllowedAccounts, jwt.AnyAccount):
		return fmt.Errorf("allowed account %q: means any account, and stands alone", jwt.AnyAccount)
	case len(next.AllowedAccounts) > 0 && len(next.AuthUsers) == 0:
		return errors.New("allowed accounts: need an auth user")
	}
	*a = next
	return nil
}

func parseAuthUser(key string) (string, error) {
	if !nkeys.IsValidPublicUserKey(key) {
		return "", fmt.Errorf("auth user %q: is not a user public key", clip(key))
	}
	return key, nil
}

func parseAllowedAccount(key string) (string, error) {
	if key != jwt.AnyAccount && !nkeys.IsValidPublicAccountKey(key) {
		return "", fmt.Errorf("allowed account %q: is neither an account public key nor %q", clip(key), jwt.AnyAccount)
	}
	return key, nil
}

func parseXKey(key string) (string, error) {
	if !nkeys.IsValidPublicCurveKey(key) {
		return "", fmt.Errorf("curve key %q: is not a curve public key", clip(key))
	}
	return key, nil
}
