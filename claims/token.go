package claims

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// MaxTokenSize is the size in bytes above which no token is looked at.
const MaxTokenSize = jwt.MaxTokenSize

// decode verifies the form and the signature of token and returns its claims.
// It is stricter than jwt.Decode, which lower-cases the algorithm, skips line
// breaks inside the token and upgrades version 1 claims without a word.
func decode(token string) (jwt.Claims, error) {
	if err := checkForm(token); err != nil {
		return nil, err
	}
	c, err := jwt.Decode(token)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	return c, checkContent(c)
}

// checkForm refuses what is not three canonical base64url parts under the one
// header that version 2 tokens have.
func checkForm(token string) error {
	if len(token) > MaxTokenSize {
		return fmt.Errorf("token has %d bytes, more than the %d that are allowed", len(token), MaxTokenSize)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("token has %d parts instead of 3", len(parts))
	}
	var header []byte
	for i, part := range parts {
		data, err := decodePart(part)
		if err != nil {
			return fmt.Errorf("token part %d: %w", i+1, err)
		}
		if i == 0 {
			header = data
		}
	}
	return checkHeader(header)
}

// decodePart decodes base64url. Strict does not refuse line breaks: the
// encoding package skips them always.
func decodePart(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, errors.New("contains a line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

func checkHeader(data []byte) error {
	var h jwt.Header
	if err := json.Unmarshal(data, &h); err != nil {
		return fmt.Errorf("token header: %w", err)
	}
	switch {
	case h.Algorithm == jwt.AlgorithmNkeyOld:
		return errVersion1
	case h.Algorithm != jwt.AlgorithmNkey:
		return fmt.Errorf("token algorithm %q: only %q is accepted", h.Algorithm, jwt.AlgorithmNkey)
	case !strings.EqualFold(h.Type, jwt.TokenTypeJwt):
		return fmt.Errorf("token type %q: only %q is accepted", h.Type, jwt.TokenTypeJwt)
	}
	return nil
}

var errVersion1 = errors.New("token has the old format of version 1 and must be issued again")

// checkContent refuses decoded claims that jwt would choke on later: Encode and
// Validate dereference every export and import.
func checkContent(c jwt.Claims) error {
	got := version
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		got = c.Version
	case *jwt.UserClaims:
		got = c.Version
	case *jwt.AccountClaims:
		got = c.Version
		if slices.Contains(c.Exports, nil) || slices.Contains(c.Imports, nil) {
			return errors.New("token has a null export or import")
		}
	}
	if got != version {
		return errVersion1
	}
	return nil
}
