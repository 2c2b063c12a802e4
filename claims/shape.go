package claims

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/nats-io/jwt/v2"
)

// shape is what encoding/json takes from a value for a Go type: which members
// an object has, and what these and the elements of a list are in turn. A nil
// shape stands for what is plain, or not known; nothing in it is told apart.
type shape struct {
	object  reflect.Type  // struct whose members are known; nil for others
	members []knownMember // of object; made when they are first asked for
	each    *shape        // of the elements of a list, or of the values of a map
}

// knownMember is a member that a struct knows.
type knownMember struct {
	name  string
	value *shape
}

// shapes holds the shapes of the types that were met, so that each is looked
// into once.
type shapes map[reflect.Type]*shape

func (m shapes) of(t reflect.Type) *shape {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s, ok := m[t]
	if !ok {
		s = m.make(t)
		m[t] = s
	}
	return s
}

// make knows the one type of jwt that writes objects by code of its own: signing
// keys are a list of keys and scopes.
func (m shapes) make(t reflect.Type) *shape {
	if t == reflect.TypeFor[jwt.SigningKeys]() {
		return &shape{each: m.of(reflect.TypeFor[jwt.UserScope]())}
	}
	switch t.Kind() {
	case reflect.Struct:
		return &shape{object: t}
	case reflect.Map, reflect.Slice:
		if each := m.of(t.Elem()); each != nil {
			return &shape{each: each}
		}
	default: // is plain
	}
	return nil
}

// member returns the name by which encoding/json takes a member of an object of
// shape s, the shape of its value, and whether it takes it at all. It decodes
// "Limits" into limits, so that neither means anything beside the other: names
// that differ in case alone are one. In a map they are different names.
func (m shapes) member(s *shape, name []byte) (canonical string, value *shape, known bool) {
	switch {
	case s == nil:
		return string(name), nil, true
	case s.object == nil:
		return string(name), s.each, true
	}
	if s.members == nil {
		s.members = m.fields(s.object, nil)
	}
	for _, f := range s.members {
		if f.name == string(name) {
			return f.name, f.value, true
		}
	}
	for _, f := range s.members {
		if strings.EqualFold(f.name, string(name)) {
			return f.name, f.value, true
		}
	}
	return fold(string(name)), nil, false
}

// fields adds the members of struct t: its own, and those of the structs
// embedded in it.
func (m shapes) fields(t reflect.Type, to []knownMember) []knownMember {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && f.Anonymous && f.Type.Kind() == reflect.Struct:
			to = m.fields(f.Type, to)
			continue
		case name == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		to = append(to, knownMember{name, m.of(f.Type)})
	}
	return to
}

// fold returns a form of name that it shares with exactly those names that
// encoding/json takes for the same one.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}
