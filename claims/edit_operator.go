package claims

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// OperatorEdit changes operator claims. A nil or empty field leaves its value
// alone; a pointer to "" removes it.
type OperatorEdit struct {
	Times TimesEdit `json:"times,omitzero"`
	Tags  ListEdit  `json:"tags,omitzero"`
	// SigningKeys are operator public keys; new ones go to the end.
	SigningKeys ListEdit `json:"signing_keys,omitzero"`
	// ServiceURLs are what ParseServiceURL accepts.
	ServiceURLs ListEdit `json:"service_urls,omitzero"`
	// AccountServerURL is what ParseAccountServerURL accepts.
	AccountServerURL *string `json:"account_server_url,omitempty"`
	// SystemAccount is an account public key.
	SystemAccount *string `json:"system_account,omitempty"`
	// RequireSigningKeys takes from identity keys the right to sign. Whether all
	// accounts and users are issued accordingly is for the caller to know.
	RequireSigningKeys *bool `json:"require_signing_keys,omitempty"`
	// AssertServerVersion is the least version of a server, as major.minor.patch.
	AssertServerVersion *string `json:"assert_server_version,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e OperatorEdit) Empty() bool {
	return e.Times.Empty() && e.Tags.Empty() && e.SigningKeys.Empty() && e.ServiceURLs.Empty() &&
		e.AccountServerURL == nil && e.SystemAccount == nil &&
		e.RequireSigningKeys == nil && e.AssertServerVersion == nil
}

// Apply makes the edit and returns what changed. If it returns an error, which
// names every value that is refused, c is as it was. A new expiry must lie
// after now, unless now is the zero time.
func (e OperatorEdit) Apply(c *jwt.OperatorClaims, now time.Time) ([]Change, error) {
	next := *c
	err := errors.Join(
		e.Times.apply(&next.ClaimsData, now),
		applyTags(e.Tags, &next.Tags),
		applyList(e.SigningKeys, "signing key", &next.SigningKeys, signingKeyOf(c.Subject, nkeys.PrefixByteOperator)),
		applyList(e.ServiceURLs, "service URL", &next.OperatorServiceURLs, ParseServiceURL),
		setParsed(&next.AccountServerURL, e.AccountServerURL, ParseAccountServerURL),
		setParsed(&next.SystemAccount, e.SystemAccount, parseSystemAccount),
		setParsed(&next.AssertServerVersion, e.AssertServerVersion, parseServerVersion),
	)
	if err != nil {
		return nil, err
	}
	set(&next.StrictSigningKeyUsage, e.RequireSigningKeys)
	changes, err := changed(c, &next, Check(c, now), Check(&next, now))
	if err != nil {
		return nil, err
	}
	*c = next
	return changes, nil
}

// signingKeyOf returns a parser for the signing keys of the entity whose identity
// is given. The identity itself is none: strict signing would be for show.
func signingKeyOf(identity string, prefix nkeys.PrefixByte) func(string) (string, error) {
	return func(key string) (string, error) {
		if nkeys.Prefix(key) != prefix || !nkeys.IsValidPublicKey(key) {
			return "", fmt.Errorf("signing key %q: is not an %s public key", clip(key), prefix)
		}
		if key == identity {
			return "", fmt.Errorf("signing key %q: is the identity key", key)
		}
		return key, nil
	}
}

func parseSystemAccount(key string) (string, error) {
	if !nkeys.IsValidPublicAccountKey(key) {
		return "", fmt.Errorf("system account %q: is not an account public key", clip(key))
	}
	return key, nil
}

func parseServerVersion(s string) (string, error) {
	if _, _, _, err := jwt.ParseServerVersion(s); err != nil {
		return "", fmt.Errorf("server version %q: want major.minor.patch", clip(s))
	}
	return s, nil
}
