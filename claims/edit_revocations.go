package claims

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// RevocationsEdit changes which credentials of an account's users are revoked, or
// which activations of an export. A revocation holds for whatever was issued at
// its time or before.
type RevocationsEdit struct {
	// Add are times in Unix seconds, by the public key of a user, or of an account
	// that imports, or by jwt.All for every one. A time may move on, but not back to an earlier one: that
	// takes removing the revocation first.
	Add map[string]int64 `json:"add,omitempty"`
	// Remove are public keys, or jwt.All for the entry of that name alone.
	// Removing what is not there is an error that wraps ErrAbsent.
	Remove []string `json:"remove,omitempty"`
	// Compact drops revocations that one of jwt.All covers, being as late.
	Compact bool `json:"compact,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e RevocationsEdit) Empty() bool {
	return len(e.Add) == 0 && len(e.Remove) == 0 && !e.Compact
}

// apply leaves the list alone that it is given, and puts another in its place. Its
// keys are those of one kind, which isKey tells and kind says in words.
func (e RevocationsEdit) apply(list *jwt.RevocationList, kind string, isKey func(string) bool) error {
	if e.Empty() {
		return nil
	}
	next := jwt.RevocationList{}
	maps.Copy(next, *list)
	var errs []error
	for _, key := range e.Remove {
		if _, both := e.Add[key]; both {
			errs = append(errs, fmt.Errorf("revocation %q: is both added and removed", clip(key)))
			continue
		}
		if _, ok := next[key]; !ok {
			errs = append(errs, fmt.Errorf("revocation %q: %w", clip(key), ErrAbsent))
		}
		delete(next, key)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Add)) {
		if key != jwt.All && !isKey(key) {
			errs = append(errs, fmt.Errorf("revocation %q: is neither %s public key nor %q", clip(key), kind, jwt.All))
			continue
		}
		errs = append(errs, revoke(next, key, e.Add[key]))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if e.Compact {
		next.MaybeCompact()
	}
	*list = next
	return nil
}

// revoke refuses what jwt's Revoke would pass over without a word.
func revoke(list jwt.RevocationList, key string, at int64) error {
	if err := checkTime(time.Unix(at, 0)); err != nil {
		return fmt.Errorf("revocation %q: time %d: %w", key, at, err)
	}
	if present := list[key]; at < present {
		return fmt.Errorf("revocation %q: is in force for what was issued until %s, and cannot go back to %s", key, utc(present), utc(at))
	}
	list[key] = at
	return nil
}
