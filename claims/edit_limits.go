package claims

import (
	"errors"
	"fmt"

	"github.com/nats-io/jwt/v2"
)

// AccountLimitsEdit changes what an account may use at most, JetStream aside;
// -1 means unlimited.
type AccountLimitsEdit struct {
	Conns           *int64 `json:"conns,omitempty"`
	LeafConns       *int64 `json:"leaf_conns,omitempty"`
	Data            *int64 `json:"data,omitempty"` // bytes
	Exports         *int64 `json:"exports,omitempty"`
	Imports         *int64 `json:"imports,omitempty"`
	Payload         *int64 `json:"payload,omitempty"` // bytes of a message
	Subscriptions   *int64 `json:"subscriptions,omitempty"`
	WildcardExports *bool  `json:"wildcard_exports,omitempty"`
	DisallowBearer  *bool  `json:"disallow_bearer,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e AccountLimitsEdit) Empty() bool {
	return e == AccountLimitsEdit{}
}

func (e AccountLimitsEdit) apply(c *jwt.AccountClaims) error {
	l := &c.Limits
	set(&l.WildcardExports, e.WildcardExports)
	set(&l.DisallowBearer, e.DisallowBearer)
	return errors.Join(
		setLimit("conns", &l.Conn, e.Conns),
		setLimit("leaf_conns", &l.LeafNodeConn, e.LeafConns),
		setLimit("data", &l.Data, e.Data),
		setLimit("exports", &l.Exports, e.Exports),
		setLimit("imports", &l.Imports, e.Imports),
		setLimit("payload", &l.Payload, e.Payload),
		setLimit("subscriptions", &l.Subs, e.Subscriptions),
		e.fit(c),
	)
}

// fit refuses limits that c exceeds already. Only limits that the edit names are
// looked at, so that an account which exceeds one can still be edited. As in jwt's
// validation, wildcards matter only where the number of exports is limited.
func (e AccountLimitsEdit) fit(c *jwt.AccountClaims) error {
	var errs []error
	if e.Imports != nil && exceeds(len(c.Imports), c.Limits.Imports) {
		errs = append(errs, fmt.Errorf("limit %q: the account has %d", "imports", len(c.Imports)))
	}
	if e.Exports != nil && exceeds(len(c.Exports), c.Limits.Exports) {
		errs = append(errs, fmt.Errorf("limit %q: the account has %d", "exports", len(c.Exports)))
	}
	if (e.Exports != nil || e.WildcardExports != nil) && c.Limits.Exports != jwt.NoLimit && !c.Limits.WildcardExports {
		for _, x := range c.Exports {
			if x != nil && x.Subject.HasWildCards() {
				errs = append(errs, fmt.Errorf("limit %q: the account exports %q", "wildcard_exports", x.Subject))
			}
		}
	}
	return errors.Join(errs...)
}

func exceeds(n int, limit int64) bool {
	return limit >= 0 && int64(n) > limit
}
