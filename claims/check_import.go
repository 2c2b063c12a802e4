package claims

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// importProblems returns what is wrong with an import taken by itself, but for its
// local subject and its activation.
func importProblems(im *jwt.Import) []error {
	errs := []error{subjectProblem(string(im.Subject))}
	if !nkeys.IsValidPublicAccountKey(im.Account) {
		errs = append(errs, fmt.Errorf("account %q: is not the public key of an account", clip(im.Account)))
	}
	switch {
	case im.Share && !im.IsService():
		errs = append(errs, errors.New("share: only a service has it, and this is a stream"))
	case im.AllowTrace && !im.IsStream():
		errs = append(errs, errors.New("trace: only the import of a stream has it, and this is a service"))
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// CheckAccountToken verifies that subject names importer, a public key, where the
// public export x asks for the account that imports it.
func CheckAccountToken(x *jwt.Export, subject, importer string) error {
	n := x.AccountTokenPosition
	tokens := strings.Split(subject, ".")
	if n == 0 || n <= uint(len(tokens)) && tokens[n-1] == importer {
		return nil
	}
	return exportError(x, fmt.Errorf("token %d of the subject has to be the account that imports it, %q", n, importer))
}

// fitImport refuses one more import than the limits of c allow.
func fitImport(c *jwt.AccountClaims) error {
	if exceeds(len(c.Imports)+1, c.Limits.Imports) {
		return fmt.Errorf("limit %q: allows %d, and the account has %d", "imports", c.Limits.Imports, len(c.Imports))
	}
	return nil
}

// otherImports compares im with each of the imports of c, which must not hold it. Two
// services of one account must not share local subjects: servers take the first.
func otherImports(c *jwt.AccountClaims, im *jwt.Import) error {
	for _, o := range c.Imports {
		if o.Account != im.Account || o.Type != im.Type {
			continue
		}
		if RemoteSubject(o) == im.Subject {
			return fmt.Errorf("%w, as a %s from account %q", ErrPresent, o.Type, o.Account)
		}
		if here, there := localSubject(im), localSubject(o); im.IsService() && (here.IsContainedIn(there) || there.IsContainedIn(here)) {
			return fmt.Errorf("local subject %q: overlaps that of the service %q from the same account, %q", clip(string(here)), clip(string(o.Subject)), clip(string(there)))
		}
	}
	return nil
}

// tokenProblems returns what is wrong with the activation of an import, if it has one.
func tokenProblems(c *jwt.AccountClaims, im *jwt.Import, now time.Time) []error {
	if im.Token == "" {
		return nil
	}
	act, err := ReadActivation(im.Token)
	if err != nil {
		return []error{err}
	}
	errs := activationProblems(act, im, c.Subject)
	if hasExpired(&act.ClaimsData, now.Unix()) {
		errs = append(errs, fmt.Errorf("activation has expired on %s", utc(act.Expires)))
	}
	return errs
}

// renaming reads the subject under which remote is known to the importing account,
// and returns "" if that is remote itself. What jwt lets pass and servers refuse or
// take another way is refused: $0, $1x, one wildcard twice.
func renaming(local, remote string) (jwt.RenamingSubject, error) {
	if local == "" || local == remote {
		return "", nil
	}
	const noun = "local subject"
	if err := checkSubject(noun, local); err != nil {
		return "", err
	}
	tokens := strings.Split(local, ".")
	if endless(local) != endless(remote) {
		return "", fmt.Errorf("%s %q: it and the imported subject %q have to end in > both, or neither", noun, clip(local), clip(remote))
	}
	if err := references(tokens, wildcardsIn(remote)); err != nil {
		return "", fmt.Errorf("%s %q: %w", noun, clip(local), err)
	}
	return jwt.RenamingSubject(strings.Join(tokens, ".")), nil
}

// within reports whether all of s lies in the subject of. For jwt alone, a.> lies in
// a.*, which no server thinks.
func within(s, of jwt.Subject) bool {
	return s.IsContainedIn(of) && (endless(string(of)) || !endless(string(s)))
}

// wildcardsIn counts the tokens of a subject that are *.
func wildcardsIn(subject string) int {
	n := 0
	for token := range strings.SplitSeq(subject, ".") {
		if token == "*" {
			n++
		}
	}
	return n
}

func endless(subject string) bool { return subject == ">" || strings.HasSuffix(subject, ".>") }

// references makes sure that tokens refer to each of so many wildcards once, and
// writes all references the same way.
func references(tokens []string, wildcards int) error {
	seen := make([]bool, wildcards+1)
	stars, count := 0, 0
	for i, token := range tokens {
		n, is, err := reference(token)
		if err != nil {
			return err
		}
		switch {
		case token == "*":
			stars++
			n = stars
		case is:
			tokens[i] = "$" + strconv.Itoa(n)
		default:
			continue
		}
		if n > wildcards {
			return fmt.Errorf("token %q: the imported subject has %d wildcards", clip(token), wildcards)
		}
		if seen[n] {
			return fmt.Errorf("token %q: stands for wildcard %d, which is there already", clip(token), n)
		}
		seen[n] = true
		count++
	}
	if count < wildcards {
		return fmt.Errorf("has a place for %d of the %d wildcards of the imported subject", count, wildcards)
	}
	return nil
}

// reference reads $1 or {{wildcard(1)}}. A $ before anything but a digit is part of a
// name, as in $SYS.
func reference(token string) (n int, is bool, err error) {
	digits, found := strings.CutPrefix(token, "$")
	if found && (digits == "" || digits[0] < '0' || digits[0] > '9') {
		return 0, false, nil
	}
	if inner, ok := strings.CutPrefix(token, "{{"); ok {
		inner, closed := strings.CutSuffix(inner, ")}}")
		digits, found = strings.CutPrefix(strings.ToLower(inner), "wildcard(")
		if !found || !closed {
			return 0, false, fmt.Errorf("token %q: only {{wildcard(1)}} and its like are allowed in an import", clip(token))
		}
	}
	if !found {
		return 0, false, nil
	}
	number, err := strconv.ParseUint(digits, 10, 8)
	if err != nil || number == 0 {
		return 0, false, fmt.Errorf("token %q: does not refer to a wildcard, counted from 1", clip(token))
	}
	return int(number), true, nil
}

// importError says which import the errors are about. It is nil if all of them are.
func importError(im *jwt.Import, errs ...error) error {
	var about []error
	for _, err := range errs {
		if err != nil {
			about = append(about, fmt.Errorf("import %q: %w", clip(string(im.Subject)), err))
		}
	}
	return errors.Join(about...)
}
