package claims

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// UserEdit changes user claims. A nil or empty field leaves its value alone.
type UserEdit struct {
	Times  TimesEdit      `json:"times,omitzero"`
	Tags   ListEdit       `json:"tags,omitzero"`
	Limits UserLimitsEdit `json:"limits,omitzero"`
}

// Empty reports whether the edit changes nothing.
func (e UserEdit) Empty() bool {
	return e.Times.Empty() && e.Tags.Empty() && e.Limits.Empty()
}

// HasPermissions reports whether the edit touches what a scoped signing key
// decides. Such an edit must not be applied to a user for whom Scoped is true.
func (e UserEdit) HasPermissions() bool {
	return !e.Limits.Empty()
}

// Apply makes the edit and returns what changed. If it returns an error, which
// names every value that is refused, c is as it was. A new expiry must lie
// after now, unless now is the zero time. Whether the account allows bearer users
// is for the caller to know.
func (e UserEdit) Apply(c *jwt.UserClaims, now time.Time) ([]Change, error) {
	next := *c
	err := errors.Join(
		e.Times.apply(&next.ClaimsData, now),
		applyTags(e.Tags, &next.Tags),
		e.Limits.apply(&next.UserPermissionLimits),
	)
	if err != nil {
		return nil, err
	}
	changes, err := changed(c, &next, Check(c, now), Check(&next, now))
	if err != nil {
		return nil, err
	}
	*c = next
	return changes, nil
}

// UserLimitsEdit changes what a user may do: the part of a user that a scoped
// signing key keeps in its template.
type UserLimitsEdit struct {
	Permissions PermissionsEdit `json:"permissions,omitzero"`
	// Bearer lets the token alone suffice, without the user's key.
	Bearer *bool `json:"bearer,omitempty"`
	// ProxyRequired lets the user connect through a trusted proxy only.
	ProxyRequired *bool `json:"proxy_required,omitempty"`
	// Payload and Data are in bytes, Subs counts subscriptions; -1 means
	// unlimited, and 0 nothing at all.
	Payload *int64 `json:"payload,omitempty"`
	Data    *int64 `json:"data,omitempty"`
	Subs    *int64 `json:"subs,omitempty"`
	// ConnectionTypes are some of the function ConnectionTypes; none means any.
	ConnectionTypes ListEdit `json:"connection_types,omitzero"`
	// SourceNetworks are in CIDR notation; none means any.
	SourceNetworks ListEdit `json:"source_networks,omitzero"`
	// TimeRanges are added as hh:mm:ss-hh:mm:ss. Removing takes that, or only the
	// start, which removes the first range with it.
	TimeRanges ListEdit `json:"time_ranges,omitzero"`
	// Locale is the IANA time zone of the ranges; "" removes it.
	Locale *string `json:"locale,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e UserLimitsEdit) Empty() bool {
	return e.Permissions.Empty() && e.Bearer == nil && e.ProxyRequired == nil &&
		e.Payload == nil && e.Data == nil && e.Subs == nil &&
		e.ConnectionTypes.Empty() && e.SourceNetworks.Empty() && e.TimeRanges.Empty() && e.Locale == nil
}

func (e UserLimitsEdit) apply(l *jwt.UserPermissionLimits) error {
	set(&l.BearerToken, e.Bearer)
	set(&l.ProxyRequired, e.ProxyRequired)
	return errors.Join(
		e.Permissions.apply(&l.Permissions),
		setLimit("payload", &l.Payload, e.Payload),
		setLimit("data", &l.Data, e.Data),
		setLimit("subs", &l.Subs, e.Subs),
		applyList(e.ConnectionTypes, "connection type", &l.AllowedConnectionTypes, ParseConnectionType),
		applyList(e.SourceNetworks, "network", &l.Src, ParseNetwork),
		applyTimeRanges(e.TimeRanges, &l.Times),
		setParsed(&l.Locale, e.Locale, parseLocale),
	)
}

func applyTimeRanges(e ListEdit, ranges *[]jwt.TimeRange) error {
	next := slices.Clone(*ranges)
	for _, s := range e.Remove {
		i := slices.IndexFunc(next, func(r jwt.TimeRange) bool { return s == r.Start || s == r.Start+"-"+r.End })
		if i < 0 {
			return fmt.Errorf("time range %q: %w", clip(s), ErrAbsent)
		}
		next = slices.Delete(next, i, i+1)
	}
	for _, s := range e.Add {
		r, err := ParseTimeRange(s)
		if err != nil {
			return err
		}
		if !slices.Contains(next, r) {
			next = append(next, r)
		}
	}
	*ranges = next
	return nil
}
