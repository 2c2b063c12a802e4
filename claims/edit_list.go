package claims

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/jwt/v2"
)

// ListEdit adds elements to a list and removes others. Adding what is there
// already changes nothing; removing what is not there is an error that wraps
// ErrAbsent, and so is doing both to one element, without ErrAbsent.
type ListEdit struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e ListEdit) Empty() bool {
	return len(e.Add) == 0 && len(e.Remove) == 0
}

// apply returns list as edited, or nil if nothing is left; list itself stays as
// it is. What is added passes through parse first, and what is removed as well
// where it parses: a bad element of an old claim must be removable.
func (e ListEdit) apply(noun string, list []string, parse func(string) (string, error)) ([]string, error) {
	add, err := parseAll(e.Add, parse)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(list)
	for _, s := range e.Remove {
		if out, err = remove(noun, out, add, s, parse); err != nil {
			return nil, err
		}
	}
	for _, s := range add {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// remove takes all occurrences of s out of list, which it may overwrite.
func remove(noun string, list, add []string, s string, parse func(string) (string, error)) ([]string, error) {
	parsed, err := parse(s)
	if err != nil {
		parsed = s
	}
	if slices.Contains(add, parsed) {
		return nil, fmt.Errorf("%s %q: is both added and removed", noun, clip(s))
	}
	n := len(list)
	list = slices.DeleteFunc(list, func(have string) bool { return have == s || have == parsed })
	if len(list) == n {
		return nil, fmt.Errorf("%s %q: %w", noun, clip(s), ErrAbsent)
	}
	return list, nil
}

func parseAll(values []string, parse func(string) (string, error)) ([]string, error) {
	out := make([]string, 0, len(values))
	var errs []error
	for _, s := range values {
		p, err := parse(s)
		errs = append(errs, err)
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// applyList edits a list field of whatever string list type jwt gave it.
func applyList[S ~[]string](e ListEdit, noun string, field *S, parse func(string) (string, error)) error {
	if e.Empty() {
		return nil
	}
	list, err := e.apply(noun, *field, parse)
	if err == nil {
		*field = list
	}
	return err
}

// applyTags edits tags, which are kept sorted.
func applyTags(e ListEdit, tags *jwt.TagList) error {
	if e.Empty() {
		return nil
	}
	err := applyList(e, "tag", tags, ParseTag)
	slices.Sort(*tags)
	return err
}
