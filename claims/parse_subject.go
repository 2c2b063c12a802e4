package claims

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseSubject reads a NATS subject, with or without wildcards: tokens parted by
// dots, none of them empty, no blanks or control characters, and ">" only at the
// end.
func ParseSubject(s string) (string, error) {
	return s, checkSubject("subject", s)
}

// ParsePublish reads a subject that a permission lets someone publish to or not.
func ParsePublish(s string) (string, error) {
	return s, checkSubject("publish subject", s)
}

// ParseSubscribe reads a subject that a permission lets someone subscribe to or
// not, optionally followed by a blank and a queue name.
func ParseSubscribe(s string) (string, error) {
	subject, queue, queued := strings.Cut(s, " ")
	if err := checkSubject("subscribe subject", subject); err != nil {
		return s, err
	}
	if queued {
		return s, checkSubject("queue", queue)
	}
	return s, nil
}

func checkSubject(noun, s string) error {
	if err := subjectProblem(s); err != nil {
		return fmt.Errorf("%s %q: %w", noun, clip(s), err)
	}
	return nil
}

func subjectProblem(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	if !utf8.ValidString(s) {
		return errors.New("is not UTF-8")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("contains a blank or control character")
	}
	tokens := strings.Split(s, ".")
	for i, token := range tokens {
		if token == "" {
			return errors.New("contains an empty token")
		}
		if token == ">" && i < len(tokens)-1 {
			return errors.New(`contains ">" before its end`)
		}
	}
	return nil
}
