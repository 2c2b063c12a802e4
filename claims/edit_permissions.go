package claims

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// PermissionsEdit changes permissions. Removing comes first, so that a subject
// can be moved from one list to another in one edit. Lists that change are
// sorted.
type PermissionsEdit struct {
	AllowPub    []string `json:"allow_pub,omitempty"`
	DenyPub     []string `json:"deny_pub,omitempty"`
	AllowSub    []string `json:"allow_sub,omitempty"` // may name a queue, after a blank
	DenySub     []string `json:"deny_sub,omitempty"`  // may name a queue, after a blank
	AllowPubSub []string `json:"allow_pubsub,omitempty"`
	DenyPubSub  []string `json:"deny_pubsub,omitempty"`
	// Remove takes exactly these strings out of all four lists. One that is in
	// none of them is an error.
	Remove []string `json:"remove,omitempty"`
	// ResponseMaxMsgs and ResponseTTL (nanoseconds) permit replies to messages
	// received. At most 0 messages, or for 0 time, means nats-server's default; -1
	// messages means any number.
	ResponseMaxMsgs *int           `json:"response_max_msgs,omitempty"`
	ResponseTTL     *time.Duration `json:"response_ttl,omitempty"`
	// RemoveResponse withdraws the permission to reply, before a new one is set.
	RemoveResponse bool `json:"remove_response,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e PermissionsEdit) Empty() bool {
	return len(e.AllowPub) == 0 && len(e.DenyPub) == 0 && len(e.AllowSub) == 0 && len(e.DenySub) == 0 &&
		len(e.AllowPubSub) == 0 && len(e.DenyPubSub) == 0 && len(e.Remove) == 0 &&
		e.ResponseMaxMsgs == nil && e.ResponseTTL == nil && !e.RemoveResponse
}

func (e PermissionsEdit) apply(p *jwt.Permissions) error {
	return joinOnce(
		e.removeFrom(p),
		addSubjects(&p.Pub.Allow, ParsePublish, e.AllowPub, e.AllowPubSub),
		addSubjects(&p.Pub.Deny, ParsePublish, e.DenyPub, e.DenyPubSub),
		addSubjects(&p.Sub.Allow, ParseSubscribe, e.AllowSub),
		addSubjects(&p.Sub.Allow, ParsePublish, e.AllowPubSub),
		addSubjects(&p.Sub.Deny, ParseSubscribe, e.DenySub),
		addSubjects(&p.Sub.Deny, ParsePublish, e.DenyPubSub),
		e.applyResponse(&p.Resp),
	)
}

// joinOnce is [errors.Join] for errors of which several may say the same: what is
// for two lists is wrong in both.
func joinOnce(errs ...error) error {
	var once []error
	for _, err := range errs {
		if err != nil && !slices.ContainsFunc(once, func(e error) bool { return e.Error() == err.Error() }) {
			once = append(once, err)
		}
	}
	return errors.Join(once...)
}

func (e PermissionsEdit) removeFrom(p *jwt.Permissions) error {
	var errs []error
	for _, s := range e.Remove {
		found := false
		for _, list := range []*jwt.StringList{&p.Pub.Allow, &p.Pub.Deny, &p.Sub.Allow, &p.Sub.Deny} {
			if !list.Contains(s) {
				continue
			}
			found = true
			rest := slices.DeleteFunc(slices.Clone(*list), func(have string) bool { return have == s })
			*list = sorted(rest)
		}
		if !found {
			errs = append(errs, fmt.Errorf("permission %q: %w", clip(s), ErrAbsent))
		}
	}
	return errors.Join(errs...)
}

// addSubjects adds to list what the groups hold; list's old array stays as it is.
func addSubjects(list *jwt.StringList, parse func(string) (string, error), groups ...[]string) error {
	add, err := parseAll(slices.Concat(groups...), parse)
	if err != nil || len(add) == 0 {
		return err
	}
	out := slices.Clone(*list)
	out.Add(add...)
	*list = sorted(out)
	return nil
}

// sorted sorts list in place and returns it, or nil if it is empty.
func sorted(list jwt.StringList) jwt.StringList {
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	return list
}

func (e PermissionsEdit) applyResponse(resp **jwt.ResponsePermission) error {
	if e.RemoveResponse {
		*resp = nil
	}
	if e.ResponseMaxMsgs == nil && e.ResponseTTL == nil {
		return nil
	}
	next := jwt.ResponsePermission{}
	if *resp != nil {
		next = **resp
	}
	set(&next.MaxMsgs, e.ResponseMaxMsgs)
	set(&next.Expires, e.ResponseTTL)
	if next.MaxMsgs < jwt.NoLimit {
		return fmt.Errorf("response permission: %d messages is neither -1 (unlimited) nor a number from 0", next.MaxMsgs)
	}
	if next.Expires < 0 {
		return fmt.Errorf("response permission: time %s is negative", next.Expires)
	}
	*resp = &next
	return nil
}
