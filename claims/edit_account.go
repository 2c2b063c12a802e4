package claims

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// AccountEdit changes account claims. A nil or empty field leaves its value
// alone; a pointer to "" removes it.
type AccountEdit struct {
	Times TimesEdit `json:"times,omitzero"`
	Tags  ListEdit  `json:"tags,omitzero"`
	// SigningKeys are account public keys. Added ones carry no scope; adding a
	// key that has a scope leaves the scope on it.
	SigningKeys ListEdit `json:"signing_keys,omitzero"`
	// Scopes are edits by signing key, after SigningKeys.
	Scopes    map[string]ScopeEdit `json:"scopes,omitempty"`
	Limits    AccountLimitsEdit    `json:"limits,omitzero"`
	JetStream JetStreamEdit        `json:"jetstream,omitzero"`
	// DefaultPermissions are those of users that have none of their own.
	DefaultPermissions PermissionsEdit `json:"default_permissions,omitzero"`
	Trace              TraceEdit       `json:"trace,omitzero"`
	Revocations        RevocationsEdit `json:"revocations,omitzero"`
	Mappings           MappingEdit     `json:"mappings,omitzero"`
	AuthCallout        AuthCalloutEdit `json:"auth_callout,omitzero"`
	// ClusterTraffic says whose account carries the traffic of replicated streams
	// between servers: jwt.ClusterTrafficSystem or jwt.ClusterTrafficOwner.
	ClusterTraffic *string `json:"cluster_traffic,omitempty"`
	// Description has at most jwt.MaxInfoLength bytes.
	Description *string `json:"description,omitempty"`
	// InfoURL has a scheme and a host.
	InfoURL *string `json:"info_url,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e AccountEdit) Empty() bool {
	return e.Times.Empty() && e.Tags.Empty() && e.SigningKeys.Empty() && len(e.Scopes) == 0 &&
		e.Limits.Empty() && e.JetStream.Empty() && e.DefaultPermissions.Empty() &&
		e.Trace.Empty() && e.Revocations.Empty() && e.Mappings.Empty() && e.AuthCallout.Empty() &&
		e.ClusterTraffic == nil && e.Description == nil && e.InfoURL == nil
}

// Apply makes the edit and returns what changed. If it returns an error, which
// names every value that is refused, c is as it was. A new expiry must lie
// after now, unless now is the zero time. What other claims decide is for the
// caller: whether c is the system account, which may have no JetStream (see
// JetStreamEdit.Enables), and whether a bearer user forbids Limits.DisallowBearer.
func (e AccountEdit) Apply(c *jwt.AccountClaims, now time.Time) ([]Change, error) {
	next := *c
	err := errors.Join(
		e.Times.apply(&next.ClaimsData, now),
		applyTags(e.Tags, &next.Tags),
		applySigningKeys(e.SigningKeys, &next),
		applyScopes(e.Scopes, &next),
		e.Limits.apply(&next),
		e.JetStream.apply(&next.Limits),
		e.DefaultPermissions.apply(&next.DefaultPermissions),
		e.Trace.apply(&next.Trace),
		e.Revocations.apply(&next.Revocations, "a user", nkeys.IsValidPublicUserKey),
		e.Mappings.apply(&next.Mappings),
		e.AuthCallout.apply(&next.Authorization),
		setParsed(&next.ClusterTraffic, e.ClusterTraffic, parseClusterTraffic),
		setParsed(&next.Description, e.Description, parseDescription),
		setParsed(&next.InfoURL, e.InfoURL, parseInfoURL),
	)
	if err != nil {
		return nil, err
	}
	changes, err := changed(c, &next, Check(bare(c), now), Check(bare(&next), now))
	if err != nil {
		return nil, err
	}
	*c = next
	return changes, nil
}

// bare returns c without exports and imports, which no AccountEdit touches:
// jwt's check for overlaps takes time that grows with their square.
func bare(c *jwt.AccountClaims) *jwt.AccountClaims {
	b := *c
	b.Exports, b.Imports = nil, nil
	return &b
}

func applySigningKeys(e ListEdit, c *jwt.AccountClaims) error {
	if e.Empty() {
		return nil
	}
	before := c.SigningKeys.Keys()
	after, err := e.apply("signing key", before, signingKeyOf(c.Subject, nkeys.PrefixByteAccount))
	if err != nil {
		return err
	}
	keys := make(jwt.SigningKeys, len(after))
	for _, key := range after {
		keys[key] = c.SigningKeys[key]
	}
	c.SigningKeys = keys
	return nil
}

// TraceEdit changes where an account's message traces go.
type TraceEdit struct {
	// Subject is where to; "" turns tracing off.
	Subject *string `json:"subject,omitempty"`
	// Sampling is the share of messages to trace, in percent; 0 means 100.
	Sampling *int `json:"sampling,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e TraceEdit) Empty() bool {
	return e == TraceEdit{}
}

func (e TraceEdit) apply(trace **jwt.MsgTrace) error {
	if e.Empty() {
		return nil
	}
	next := jwt.MsgTrace{}
	if *trace != nil {
		next = **trace
	}
	if err := setParsed(&next.Destination, e.Subject, parseTraceSubject); err != nil {
		return err
	}
	set(&next.Sampling, e.Sampling)
	switch {
	case next.Destination == "" && e.Sampling != nil:
		return errors.New("trace sampling: needs a trace subject")
	case next.Destination == "":
		*trace = nil
		return nil
	case next.Sampling < 0 || next.Sampling > 100:
		return fmt.Errorf("trace sampling: %d is not within 0 and 100 percent", next.Sampling)
	case next.Sampling == 0:
		next.Sampling = 100 // jwt's Validate would do so, on the way to a signature or not
	}
	*trace = &next
	return nil
}

func parseTraceSubject(s string) (string, error) {
	if err := checkSubject("trace subject", s); err != nil {
		return "", err
	}
	if jwt.Subject(s).HasWildCards() {
		return "", fmt.Errorf("trace subject %q: may not have wildcards", clip(s))
	}
	return s, nil
}

func parseClusterTraffic(s string) (string, error) {
	if err := jwt.ClusterTraffic(s).Valid(); err != nil {
		return "", fmt.Errorf("cluster traffic %q: want %s or %s", clip(s), jwt.ClusterTrafficSystem, jwt.ClusterTrafficOwner)
	}
	return s, nil
}

func parseDescription(s string) (string, error) {
	if len(s) > jwt.MaxInfoLength {
		return "", fmt.Errorf("description %q: longer than %d bytes", clip(s), jwt.MaxInfoLength)
	}
	return s, nil
}
