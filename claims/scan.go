package claims

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// scanner reads JSON text once, from front to back, and tells where values
// begin and end. encoding/json hides what matters here: members that occur
// twice, and those a Go type does not know. Text that is not JSON ends in
// errNotJSON or in nonsense, never in a panic; what is to be trusted has been
// read by encoding/json, too.
type scanner struct {
	data []byte
	at   int
}

var errNotJSON = errors.New("is not JSON")

// peek returns the next byte that is no white space, and 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// accept steps over c if it comes next.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// text steps over a string and returns what stands between its quotes, and
// whether that means itself: it has no escapes and is ASCII.
func (s *scanner) text() (inner []byte, plain bool, err error) {
	if !s.accept('"') {
		return nil, false, errNotJSON
	}
	start := s.at
	plain = true
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[start : s.at-1], plain, nil
		case c == '\\':
			plain = false
			s.at++
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return nil, false, errNotJSON
}

// name steps over the name of a member, and over the colon behind it. The
// result may share memory with the text.
func (s *scanner) name() ([]byte, error) {
	s.peek()
	start := s.at
	name, plain, err := s.text()
	if err == nil && !plain {
		var decoded string
		err = json.Unmarshal(s.data[start:s.at], &decoded)
		name = []byte(decoded)
	}
	if err == nil && !s.accept(':') {
		err = errNotJSON
	}
	return name, err
}

// scalar steps over a number, true, false or null.
func (s *scanner) scalar() error {
	s.peek()
	start := s.at
	for ; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return s.some(start)
		case '"', '{', '[', ':':
			return errNotJSON
		}
	}
	return s.some(start)
}

func (s *scanner) some(start int) error {
	if s.at == start {
		return errNotJSON
	}
	return nil
}
