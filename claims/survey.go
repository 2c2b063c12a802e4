package claims

import (
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"
)

// maxDepth bounds how deep the payload of a token may be nested. The types of
// jwt need eight levels; the rest is for those to come.
const maxDepth = 32

var errTooDeep = fmt.Errorf("is nested deeper than %d levels", maxDepth)

// unknown is what a JSON value holds that its Go type does not take, and that
// encoding/json drops without a word. A nil *unknown stands for nothing.
type unknown struct {
	members [][]byte            // of an object, each as it is written: "name": value
	inner   map[string]*unknown // inside known members of an object, by name
	list    []byte              // a list, if any of its elements has unknowns
	element map[int]*unknown    // inside the elements of list, by index
}

// survey reads a payload as encoding/json would read it into t, and returns
// what it would drop. An error says why the payload means different things to
// different readers: a member that occurs twice, or depth.
func survey(payload []byte, t reflect.Type) (*unknown, error) {
	v := surveyor{scanner: scanner{data: payload}, types: shapes{}}
	return v.value(v.types.of(t), 0)
}

// checkNames is survey for its error alone. What t knows matters to that only
// where names differ in case alone, which takes a name with a capital; to look
// into types costs more than all the rest.
func checkNames(payload []byte, t reflect.Type) error {
	v := surveyor{scanner: scanner{data: payload}}
	_, err := v.value(nil, 0)
	if err == nil && v.cased {
		_, err = survey(payload, t)
	}
	return err
}

type surveyor struct {
	scanner
	types shapes
	cased bool // some name is not in lower case, or not in ASCII
}

func (v *surveyor) value(s *shape, depth int) (*unknown, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch v.peek() {
	case '{':
		return v.object(s, depth)
	case '[':
		return v.list(s, depth)
	case '"':
		_, _, err := v.text()
		return nil, err
	}
	return nil, v.scalar()
}

func (v *surveyor) object(s *shape, depth int) (found *unknown, err error) {
	var seen names
	for more := v.opens('{', '}'); more; {
		v.peek()
		start := v.at
		name, err := v.name()
		if err != nil {
			return nil, err
		}
		v.cased = v.cased || !isLower(name)
		canonical, member, known := v.types.member(s, name)
		if !seen.add(canonical) {
			return nil, fmt.Errorf("has %q twice", name)
		}
		inner, err := v.value(member, depth+1)
		if err != nil {
			return nil, err
		}
		switch {
		case !known:
			found = found.orNew()
			found.members = append(found.members, v.data[start:v.at])
		case inner != nil:
			found = found.orNew()
			found.inner[canonical] = inner
		}
		if more, err = v.goesOn('}'); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (v *surveyor) list(s *shape, depth int) (found *unknown, err error) {
	var each *shape
	if s != nil {
		each = s.each
	}
	start, i := v.at, 0
	for more := v.opens('[', ']'); more; i++ {
		inner, err := v.value(each, depth+1)
		if err != nil {
			return nil, err
		}
		if inner != nil {
			found = found.orNew()
			found.element[i] = inner
		}
		if more, err = v.goesOn(']'); err != nil {
			return nil, err
		}
	}
	if found != nil {
		found.list = v.data[start:v.at]
	}
	return found, nil
}

// opens steps over the bracket that opens, and reports whether anything stands inside.
func (v *surveyor) opens(open, end byte) bool { return v.accept(open) && !v.accept(end) }

// goesOn steps over what follows a member or an element.
func (v *surveyor) goesOn(end byte) (bool, error) {
	switch {
	case v.accept(','):
		return true, nil
	case v.accept(end):
		return false, nil
	}
	return false, errNotJSON
}

func (u *unknown) orNew() *unknown {
	if u == nil {
		u = &unknown{inner: map[string]*unknown{}, element: map[int]*unknown{}}
	}
	return u
}

func isLower(name []byte) bool {
	return !slices.ContainsFunc(name, func(c byte) bool { return 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf })
}

// names is a set of names. Most objects have few.
type names struct {
	few  []string
	many map[string]bool
}

const fewNames = 24

// add reports whether name is new.
func (n *names) add(name string) bool {
	if n.few == nil {
		n.few = make([]string, 0, 8)
	}
	if n.many == nil {
		if slices.Contains(n.few, name) {
			return false
		}
		if n.few = append(n.few, name); len(n.few) > fewNames {
			n.many = map[string]bool{}
			for _, f := range n.few {
				n.many[f] = true
			}
		}
		return true
	}
	if n.many[name] {
		return false
	}
	n.many[name] = true
	return true
}
