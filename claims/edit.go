package claims

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// ErrAbsent is wrapped by errors about something that was to be removed or
// looked up and is not there.
var ErrAbsent = errors.New("does not exist")

// TimesEdit changes when claims are valid, in Unix seconds; 0 removes a bound,
// nil leaves it alone.
type TimesEdit struct {
	Start   *int64 `json:"start,omitempty"`
	Expires *int64 `json:"expires,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e TimesEdit) Empty() bool {
	return e == TimesEdit{}
}

// apply refuses an expiry that lies before now, unless now is the zero time.
// That the start lies before the expiry is for Check.
func (e TimesEdit) apply(c *jwt.ClaimsData, now time.Time) error {
	set(&c.NotBefore, e.Start)
	set(&c.Expires, e.Expires)
	switch {
	case e.Start != nil && *e.Start < 0:
		return fmt.Errorf("start %q: lies before 1970", utc(*e.Start))
	case e.Expires == nil || *e.Expires == 0:
		return nil
	case *e.Expires < 0:
		return fmt.Errorf("expiry %q: lies before 1970", utc(*e.Expires))
	case !now.IsZero() && *e.Expires <= now.Unix():
		return fmt.Errorf("expiry %q: has already passed", utc(*e.Expires))
	}
	return nil
}

// set stores *v in field, unless v is nil.
func set[T any](field *T, v *T) {
	if v != nil {
		*field = *v
	}
}

// setLimit stores *v in field, unless v is nil. A limit is -1 for none, or counts
// from 0.
func setLimit(name string, field, v *int64) error {
	if v == nil {
		return nil
	}
	if *v < jwt.NoLimit {
		return fmt.Errorf("limit %q: %d is neither -1 (unlimited) nor a number from 0", name, *v)
	}
	*field = *v
	return nil
}

// setParsed stores what parse makes of *v in field, unless v is nil; "" is stored
// as it is, which removes the field.
func setParsed[T ~string](field *T, v *string, parse func(string) (string, error)) error {
	if v == nil {
		return nil
	}
	if *v == "" {
		*field = ""
		return nil
	}
	p, err := parse(*v)
	if err == nil {
		*field = T(p)
	}
	return err
}

// changed returns what an edit made of before. An edit is refused for what it
// breaks, not for what was broken already: otherwise claims with two faults
// could not be mended one at a time.
func changed(before, after jwt.Claims, checked, check []Issue) ([]Change, error) {
	for _, issue := range check {
		if issue.Level == LevelError && !slices.Contains(checked, issue) {
			return nil, issue.err()
		}
	}
	return Diff(before, after)
}

// FieldError says what is wrong with a field of claims, given by its path.
type FieldError struct{ Field, Text string }

// Error implements error.
func (e FieldError) Error() string { return fmt.Sprintf("field %q: %s", e.Field, e.Text) }

// err returns the issue as an error.
func (i Issue) err() error {
	if i.Field == "" {
		return errors.New(i.Text)
	}
	return FieldError{i.Field, i.Text}
}
