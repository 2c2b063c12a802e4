package claims

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Level says how grave an Issue is.
type Level string

// The levels. A claim with an error is refused by servers or does not do what it
// says; one outside its time is in order but not in force.
const (
	LevelError       Level = "error"
	LevelWarning     Level = "warning"
	LevelExpired     Level = "expired"
	LevelNotYetValid Level = "not_yet_valid"
)

// Issue is something amiss in claims.
type Issue struct {
	Level Level  `json:"level"`
	Field string `json:"field,omitempty"` // path as in Change.Field; empty if jwt found the issue
	Text  string `json:"text"`
}

// Check returns what is amiss in c at the time now: what jwt's own validation
// finds, and what it lets pass although it cannot be meant. It does not change c.
// Whether c is to be trusted is a matter of its token: see VerifyAccount.
func Check(c jwt.Claims, now time.Time) []Issue {
	var r report
	r.times(c.Claims(), now)
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		r.library(c)
		r.operator(c)
	case *jwt.AccountClaims:
		r.library(sturdy(c))
		r.account(c, now)
	case *jwt.UserClaims:
		r.library(c)
		r.user(c)
	default:
		r.library(c)
	}
	return r.issues
}

// report collects issues.
type report struct {
	issues []Issue
}

func (r *report) add(level Level, field, format string, args ...any) {
	r.issues = append(r.issues, Issue{Level: level, Field: field, Text: fmt.Sprintf(format, args...)})
}

// library adds what jwt finds, except for its time checks: it takes the time
// from the clock of the machine.
func (r *report) library(c jwt.Claims) {
	vr := jwt.CreateValidationResults()
	c.Validate(vr)
	r.found("", vr)
}

// found adds issues that jwt found in a field.
func (r *report) found(field string, vr *jwt.ValidationResults) {
	for _, i := range vr.Issues {
		switch {
		case i.TimeCheck:
		case i.Blocking:
			r.add(LevelError, field, "%s", i.Description)
		default:
			r.add(LevelWarning, field, "%s", i.Description)
		}
	}
}

// sturdy returns a copy of c for jwt to validate: it writes a default into Trace.
// Exports and imports, and how many there may be, are left to exchange.
func sturdy(c *jwt.AccountClaims) *jwt.AccountClaims {
	v := *c
	v.Exports, v.Imports = nil, nil
	if !c.Limits.IsEmpty() { // being empty means something to jwt
		v.Limits.Exports, v.Limits.Imports = jwt.NoLimit, jwt.NoLimit
	}
	if c.Trace != nil {
		trace := *c.Trace
		v.Trace = &trace
	}
	return &v
}

func (r *report) times(c *jwt.ClaimsData, now time.Time) {
	if c.NotBefore > 0 && c.Expires > 0 && c.NotBefore >= c.Expires {
		r.add(LevelError, "nbf", "starts at %s, not before it expires at %s", utc(c.NotBefore), utc(c.Expires))
	}
	if c.Expires < 0 || c.NotBefore < 0 {
		r.add(LevelError, "exp", "has a time before 1970")
	}
	r.validity("exp", c, now)
}

// validity adds whether c is outside its time. The field is that of the expiry
// or of the token that c was decoded from.
func (r *report) validity(field string, c *jwt.ClaimsData, now time.Time) {
	if hasExpired(c, now.Unix()) {
		r.add(LevelExpired, field, "expired at %s", utc(c.Expires))
	}
	if notYetValid(c, now.Unix()) {
		if field == "exp" {
			field = "nbf"
		}
		r.add(LevelNotYetValid, field, "is not valid before %s", utc(c.NotBefore))
	}
}

func utc(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

func (r *report) operator(c *jwt.OperatorClaims) {
	if c.StrictSigningKeyUsage && len(c.SigningKeys) == 0 {
		r.add(LevelError, "nats.strict_signing_key_usage", "requires signing keys but has none")
	}
	if c.AccountServerURL != "" {
		if _, err := ParseAccountServerURL(c.AccountServerURL); err != nil {
			r.add(LevelWarning, "nats.account_server_url", "%v", err)
		}
	}
	for i, u := range c.OperatorServiceURLs {
		if _, err := ParseServiceURL(u); err != nil {
			r.add(LevelWarning, fmt.Sprintf("nats.operator_service_urls[%d]", i), "%v", err)
		}
	}
}

// user warns of limits of zero, which JSON shows as absent limits and which
// nats-server enforces. A user without any permissions or limits is a scoped one.
func (r *report) user(c *jwt.UserClaims) {
	r.limits("nats", natsLimits(c.NatsLimits))
	if c.HasEmptyPermissions() {
		return
	}
	if c.Subs == 0 {
		r.add(LevelWarning, "nats.subs", "is 0: the user cannot subscribe")
	}
	if c.NatsLimits.Payload == 0 {
		r.add(LevelWarning, "nats.payload", "is 0: the user can publish empty messages only")
	}
}

// limits warns of negative limits other than -1: servers take them for no limit.
func (r *report) limits(path string, limits map[string]int64) {
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		if v := limits[name]; v < jwt.NoLimit {
			r.add(LevelWarning, path+"."+name, "is %d, but only -1 means unlimited", v)
		}
	}
}

func natsLimits(l jwt.NatsLimits) map[string]int64 {
	return map[string]int64{"subs": l.Subs, "data": l.Data, "payload": l.Payload}
}
