package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// head is what a payload says of the token itself.
type head struct {
	Type    jwt.ClaimType `json:"type"` // in version 1
	Issuer  string        `json:"iss"`
	Subject string        `json:"sub"`
	Nats    struct {
		Type    jwt.ClaimType `json:"type"`
		Version int           `json:"version"`
	} `json:"nats"`
}

func (p tokenParts) head() (h head, err error) {
	err = json.Unmarshal(p.payload, &h)
	return h, err
}

// version is the version of the format: a type beside nats, not in it, makes it
// 1, whatever else is said.
func (h head) version() int {
	if h.Type != "" {
		return 1
	}
	return h.Nats.Version
}

func (h head) kind() jwt.ClaimType {
	if h.Type != "" {
		return h.Type
	}
	return h.Nats.Type
}

// explain says why jwt does not decode a token whose form is in order. jwt tells
// it by texts alone, and takes a kind it does not know for a bad signature.
func (p tokenParts) explain(cause error) error {
	h, err := p.head()
	if err := explainJSON(err, cause); err != nil {
		return err
	}
	issuer, err := nkeys.FromPublicKey(h.Issuer)
	switch {
	case h.version() > version:
		return fmt.Errorf("token was made by a newer version of the format, %d: use a newer nkeep", h.version())
	case !slices.Contains([]jwt.ClaimType{jwt.OperatorClaim, jwt.AccountClaim, jwt.UserClaim, jwt.ActivationClaim}, h.kind()):
		return fmt.Errorf("token is of type %q", h.kind())
	case h.version() == 1:
		return ErrVersion1
	case h.version() < 1:
		return fmt.Errorf("token has a format of version %d, which there is not", h.version())
	case h.Issuer == "":
		return errors.New("token names no issuer")
	case err != nil:
		return fmt.Errorf("issuer %q is no public key", h.Issuer)
	case issuer.Verify([]byte(p.signed), p.signature) != nil:
		return fmt.Errorf("signature is not one of issuer %q: the token was changed after it was signed, or is cut off", h.Issuer)
	case !mayIssue(h.kind(), h.Issuer):
		return fmt.Errorf("issuer %q is no key that issues a token of type %q", h.Issuer, h.kind())
	}
	return fmt.Errorf("token payload: %w", cause)
}

// explainJSON says what is wrong with the JSON of a payload, if that is what is
// wrong. Both errors may tell.
func explainJSON(errs ...error) error {
	for _, err := range errs {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("token payload: is not JSON: %w", syntax)
		}
		if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("token payload: has a %s where it must not: %s", kind.Value, pathOf(kind))
		}
	}
	return nil
}

// pathOf is the path of the value that e is about. encoding/json names the
// embedded structs on the way, too, which stand nowhere in the payload.
func pathOf(e *json.UnmarshalTypeError) string {
	path := strings.Split(e.Field, ".")
	return strings.Join(slices.DeleteFunc(path, func(name string) bool { return name != "" && unicode.IsUpper(rune(name[0])) }), ".")
}

// mayIssue reports whether issuer is of a kind that issues tokens of type kind.
func mayIssue(kind jwt.ClaimType, issuer string) bool {
	operator, account := nkeys.IsValidPublicOperatorKey(issuer), nkeys.IsValidPublicAccountKey(issuer)
	switch kind {
	case jwt.OperatorClaim:
		return operator
	case jwt.UserClaim:
		return account
	}
	return operator || account
}

// checkContent refuses decoded claims that jwt would choke on later: Encode and
// Validate dereference every export and import.
func checkContent(c jwt.Claims) error {
	got := version
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		got = c.Version
	case *jwt.UserClaims:
		got = c.Version
	case *jwt.ActivationClaims:
		got = c.Version
	case *jwt.AccountClaims:
		got = c.Version
		if slices.Contains(c.Exports, nil) || slices.Contains(c.Imports, nil) {
			return errors.New("token has a null export or import")
		}
	}
	if got != version {
		return ErrVersion1
	}
	return checkTimes(c.Claims())
}

// checkTimes refuses times that mean one thing to people and another to
// servers, for which a token with a negative expiry never expires.
func checkTimes(c *jwt.ClaimsData) error {
	for _, t := range []struct {
		name    string
		seconds int64
	}{{"exp", c.Expires}, {"nbf", c.NotBefore}, {"iat", c.IssuedAt}} {
		switch {
		case t.seconds < 0:
			return fmt.Errorf("token time %s is %d, before 1970", t.name, t.seconds)
		case t.seconds > farthestSecond:
			return fmt.Errorf("token time %s is %d, after the year %d: it counts seconds", t.name, t.seconds, farthestYear)
		}
	}
	return nil
}
