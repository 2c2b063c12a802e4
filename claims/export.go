package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// ErrPresent is wrapped by errors about something that was to be added and is
// there already.
var ErrPresent = errors.New("exists already")

// ExportRef says which exports of an account are meant; a zero field takes any.
type ExportRef struct {
	Subject string         `json:"subject,omitempty"`
	Name    string         `json:"name,omitempty"`
	Type    jwt.ExportType `json:"type,omitempty"`
}

// FindExports returns the indices of the exports that ref means, in the order of
// the claims. Subjects are compared as they are written: a wildcard in ref stands
// for itself.
func FindExports(c *jwt.AccountClaims, ref ExportRef) []int {
	var found []int
	for i, x := range c.Exports {
		if (ref.Subject == "" || ref.Subject == string(x.Subject)) &&
			(ref.Name == "" || ref.Name == x.Name) &&
			(ref.Type == jwt.Unknown || ref.Type == x.Type) {
			found = append(found, i)
		}
	}
	return found
}

// ExportsWith returns the indices of the exports of type t, jwt.Unknown for either,
// that contain subject, in the order of the claims.
func ExportsWith(c *jwt.AccountClaims, subject string, t jwt.ExportType) []int {
	var found []int
	for i, x := range c.Exports {
		if (t == jwt.Unknown || t == x.Type) && within(jwt.Subject(subject), x.Subject) {
			found = append(found, i)
		}
	}
	return found
}

// NewExport returns a public export of a stream as e changes it, named after its
// subject unless e names it.
func NewExport(subject string, e ExportEdit) (*jwt.Export, error) {
	x := &jwt.Export{Name: subject, Subject: jwt.Subject(subject), Type: jwt.Stream}
	next, err := e.edited(x)
	if err != nil {
		return nil, err
	}
	return next, exportError(next, exportProblems(next)...)
}

// AddExport adds an export to c and returns what changed. It refuses one that the
// limits of c do not allow, or whose subject overlaps that of another export of
// the same type; for the same subject the error wraps ErrPresent. The exports are
// sorted by subject then, as jwt writes them.
func AddExport(c *jwt.AccountClaims, x *jwt.Export) ([]Change, error) {
	if err := errors.Join(fitExport(c, x), checkOverlap(c.Exports, x)); err != nil {
		return nil, err
	}
	list := append(slices.Clone(c.Exports), x)
	slices.SortStableFunc(list, func(a, b *jwt.Export) int { return strings.Compare(string(a.Subject), string(b.Subject)) })
	change, err := whole(exportField(slices.Index(list, x)), nil, x)
	if err != nil {
		return nil, err
	}
	c.Exports = list
	return []Change{change}, nil
}

// EditExport edits the export at index i of c and returns what changed. If it
// returns an error, c is as it was.
func EditExport(c *jwt.AccountClaims, i int, e ExportEdit) ([]Change, error) {
	before := c.Exports[i]
	next := *before
	if _, err := e.Apply(&next); err != nil {
		return nil, err
	}
	others := slices.Delete(slices.Clone(c.Exports), i, i+1)
	if next.Type != before.Type {
		if err := checkOverlap(others, &next); err != nil {
			return nil, err
		}
	}
	element, err := asJSON(&next)
	if err != nil {
		return nil, err
	}
	changes, err := diff(exportField(i), before, &next)
	if err == nil {
		err = placeWithin(changes, element)
	}
	if err != nil {
		return nil, err
	}
	c.Exports = slices.Insert(others, i, &next)
	return changes, nil
}

// RemoveExport removes the export at index i of c and returns what changed. What
// was revoked of it is forgotten with it.
func RemoveExport(c *jwt.AccountClaims, i int) ([]Change, error) {
	change, err := whole(exportField(i), c.Exports[i], nil)
	if err != nil {
		return nil, err
	}
	c.Exports = slices.Delete(slices.Clone(c.Exports), i, i+1)
	return []Change{change}, nil
}

// fitExport refuses one more export than the limits of c allow. As in jwt's
// validation, wildcards matter only where the number of exports is limited.
func fitExport(c *jwt.AccountClaims, x *jwt.Export) error {
	switch l := c.Limits; {
	case exceeds(len(c.Exports)+1, l.Exports):
		return fmt.Errorf("limit %q: allows %d, and the account has %d", "exports", l.Exports, len(c.Exports))
	case l.Exports != jwt.NoLimit && !l.WildcardExports && x.Subject.HasWildCards():
		return exportError(x, fmt.Errorf("limit %q: does not allow wildcards", "wildcard_exports"))
	}
	return nil
}

// checkOverlap compares x with each of the others, which must not hold it. jwt's
// own check compares all with all, which takes long for thousands.
func checkOverlap(others jwt.Exports, x *jwt.Export) error {
	for _, o := range others {
		switch {
		case o.Type != x.Type:
		case o.Subject == x.Subject:
			return exportError(x, fmt.Errorf("%w, as a %s", ErrPresent, o.Type))
		case x.Subject.IsContainedIn(o.Subject), o.Subject.IsContainedIn(x.Subject):
			return exportError(x, fmt.Errorf("overlaps the %s %q", o.Type, clip(string(o.Subject))))
		}
	}
	return nil
}

// whole is the change by which an element of a list comes or goes; one of both is nil.
func whole[T any](field string, from, to *T) (Change, error) {
	var d differ
	before, err := elementJSON(from)
	if err != nil {
		return Change{}, err
	}
	after, err := elementJSON(to)
	if err != nil {
		return Change{}, err
	}
	if err := d.add(field, before, after); err != nil {
		return Change{}, err
	}
	return d.changes[0], nil
}

func elementJSON[T any](e *T) (json.RawMessage, error) {
	if e == nil {
		return nil, nil
	}
	return asJSON(e)
}

func exportField(i int) string { return fmt.Sprintf("nats.exports[%d]", i) }
