package claims

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// Change is one difference between two claims.
type Change struct {
	// Field is the path of the value in the JSON form of the claims, as Field
	// takes it. An index counts in the later claims, or in the earlier ones if
	// the element is gone.
	Field string `json:"field"`
	// From and To are the JSON values before and after: string, json.Number,
	// bool, []any or map[string]any; nil where there is none.
	From any `json:"from"`
	To   any `json:"to"`
	// Within is the element of a list in which the change lies, as it is in the
	// later claims, to tell which one it is; nil outside of lists, and for an
	// element that comes or goes.
	Within any `json:"-"`
}

// Diff returns what differs between the JSON forms of before and after, sorted
// by field. It leaves out iat and jti, which every signing changes. A list of
// plain values is reported whole. In a list of objects, elements are matched by
// what identifies them (an export by type and subject, say), so that inserting
// one does not make all the following look changed. An empty object counts as
// an absent one. Numbers stay exact.
func Diff(before, after jwt.Claims) ([]Change, error) {
	return diff("", before, after)
}

// diff is Diff for any two values that JSON writes as objects, which stand at
// path in the claims.
func diff(path string, before, after any) ([]Change, error) {
	from, err := asJSON(before)
	if err != nil {
		return nil, err
	}
	to, err := asJSON(after)
	if err != nil {
		return nil, err
	}
	var d differ
	if err := d.object(path, from, to); err != nil {
		return nil, err
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int { return strings.Compare(a.Field, b.Field) })
	return d.changes, nil
}

func asJSON(v any) (json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write claims as JSON: %w", err)
	}
	return data, nil
}

// differ collects changes. It works on JSON text and decodes only where texts
// differ: jwt writes object members in a fixed order, so equal values are equal
// bytes, and most of a large account is never decoded.
type differ struct {
	changes []Change
}

// value compares two values; nil stands for an absent one.
func (d *differ) value(path string, from, to json.RawMessage) error {
	switch {
	case bytes.Equal(from, to):
		return nil
	case both('{', from, to):
		return d.object(path, from, to)
	case both('[', from, to):
		return d.list(path, from, to)
	default:
		return d.add(path, from, to)
	}
}

// both reports whether from and to begin with the delimiter open, one of them
// being allowed to be absent.
func both(open byte, from, to json.RawMessage) bool {
	return (from == nil || from[0] == open) && (to == nil || to[0] == open)
}

func (d *differ) object(path string, from, to json.RawMessage) error {
	before, err := members(from)
	if err != nil {
		return err
	}
	after, err := members(to)
	if err != nil {
		return err
	}
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		sub := key
		if path != "" {
			sub = path + "." + key
		}
		if sub == "iat" || sub == "jti" {
			continue
		}
		if err := d.value(sub, before[key], after[key]); err != nil {
			return err
		}
	}
	return nil
}

func (d *differ) add(path string, from, to json.RawMessage) error {
	before, err := plain(from)
	if err != nil {
		return err
	}
	after, err := plain(to)
	if err != nil {
		return err
	}
	d.changes = append(d.changes, Change{Field: path, From: before, To: after})
	return nil
}

// members decodes one level of an object. The result is never nil.
func members(data json.RawMessage) (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if data == nil {
		return m, nil
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read claims as JSON: %w", err)
	}
	return m, nil
}

// plain decodes a value with its numbers as they are written: a float64 would
// round large limits.
func plain(data json.RawMessage) (v any, err error) {
	if data == nil {
		return v, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("read claims as JSON: %w", err)
	}
	return v, nil
}
