package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// exportProblems returns what is wrong with an export taken by itself: all that
// jwt's validation refuses, and what it lets pass although no server can act on
// it.
func exportProblems(x *jwt.Export) []error {
	errs := []error{subjectProblem(string(x.Subject))}
	switch x.Type {
	case jwt.Service:
		errs = append(errs, serviceProblems(x)...)
	case jwt.Stream:
		errs = append(errs, streamProblems(x)...)
	default:
		errs = append(errs, fmt.Errorf("type %d: want a stream or a service", x.Type))
	}
	_, err := parseDescription(x.Description)
	errs = append(errs, tokenPositionProblem(x), err)
	if x.InfoURL != "" {
		_, err := parseInfoURL(x.InfoURL)
		errs = append(errs, err)
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func serviceProblems(x *jwt.Export) []error {
	var errs []error
	if r := string(x.ResponseType); r != "" && !slices.Contains(ResponseTypes(), r) {
		errs = append(errs, unknownResponseType(r))
	}
	if x.ResponseThreshold < 0 {
		errs = append(errs, fmt.Errorf("response threshold %s: is negative", x.ResponseThreshold))
	}
	if l := x.Latency; l != nil {
		errs = append(errs, latencySubjectProblem(string(l.Results)))
		if l.Sampling < 0 || l.Sampling > 100 {
			errs = append(errs, fmt.Errorf("latency sampling: %d is not within 1 and 100 percent", l.Sampling))
		}
	}
	return errs
}

func latencySubjectProblem(s string) error {
	const noun = "latency subject"
	if jwt.Subject(s).HasWildCards() {
		return fmt.Errorf("%s %q: may not have wildcards", noun, clip(s))
	}
	return checkSubject(noun, s)
}

// streamProblems names what only services have.
func streamProblems(x *jwt.Export) []error {
	var errs []error
	refuse := func(has bool, what string) {
		if has {
			errs = append(errs, fmt.Errorf("%s: only a service has one, and this is a stream", what))
		}
	}
	refuse(x.ResponseType != "", "response type")
	refuse(x.ResponseThreshold != 0, "response threshold")
	refuse(x.Latency != nil, "latency subject")
	refuse(x.AllowTrace, "trace")
	return errs
}

func tokenPositionProblem(x *jwt.Export) error {
	n := x.AccountTokenPosition
	if n == 0 {
		return nil
	}
	tokens := strings.Split(string(x.Subject), ".")
	switch {
	case x.TokenReq:
		return fmt.Errorf("account token position %d: only a public export has one, and this is private", n)
	case n > uint(len(tokens)):
		return fmt.Errorf("account token position %d: the subject has %d tokens", n, len(tokens))
	case tokens[n-1] != "*":
		return fmt.Errorf("account token position %d: is %q in the subject, not *", n, clip(tokens[n-1]))
	}
	return nil
}

// exportError says which export the errors are about. It is nil if all of them
// are.
func exportError(x *jwt.Export, errs ...error) error {
	var about []error
	for _, err := range errs {
		if err != nil {
			about = append(about, fmt.Errorf("export %q: %w", clip(string(x.Subject)), err))
		}
	}
	return errors.Join(about...)
}
