package claims

import (
	"strings"

	"github.com/nats-io/jwt/v2"
)

// subjectTree finds, among many subjects, one that contains another. The jwt
// library compares each with each, which takes minutes where an account has ten
// thousand; here a lookup follows the tokens of one subject.
type subjectTree struct {
	next    map[string]*subjectTree // by token; * and > are tokens, too
	subject jwt.Subject             // that ends here
	count   int                     // how often it was added
}

func (t *subjectTree) add(s jwt.Subject) {
	for token := range strings.SplitSeq(string(s), ".") {
		if t.next == nil {
			t.next = map[string]*subjectTree{}
		}
		if t.next[token] == nil {
			t.next[token] = &subjectTree{}
		}
		t = t.next[token]
	}
	t.subject, t.count = s, t.count+1
}

// container returns a subject in the tree that contains s, other than the one s
// that was added itself. As for the library, "a.>" contains "a.*" and "a.>.b"
// is a plain subject.
func (t *subjectTree) container(s jwt.Subject) (jwt.Subject, bool) {
	return t.find(s, strings.Split(string(s), "."))
}

func (t *subjectTree) find(s jwt.Subject, rest []string) (jwt.Subject, bool) {
	if len(rest) == 0 {
		return t.subject, t.ends(s)
	}
	if all := t.next[">"]; all != nil && all.ends(s) {
		return all.subject, true
	}
	tokens := []string{"*", rest[0]}
	if rest[0] == "*" {
		tokens = tokens[:1]
	}
	for _, token := range tokens {
		if child := t.next[token]; child != nil {
			if found, ok := child.find(s, rest[1:]); ok {
				return found, true
			}
		}
	}
	return "", false
}

// ends reports whether a subject ends here that is not the only s.
func (t *subjectTree) ends(s jwt.Subject) bool {
	return t.count > 1 || t.count == 1 && t.subject != s
}
