package claims

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// MaxTokenSize is the size in bytes above which no token is looked at.
const MaxTokenSize = jwt.MaxTokenSize

// decode verifies the form and the signature of token and returns its claims.
// It is stricter than jwt.Decode, which lower-cases the algorithm, skips line
// breaks inside the token, takes the last of two members with one name and
// upgrades version 1 claims without a word.
func decode(token string) (jwt.Claims, error) {
	p, err := split(token)
	if err != nil {
		return nil, err
	}
	c, err := jwt.Decode(token)
	if err != nil {
		return nil, p.explain(err)
	}
	if err := checkNames(p.payload, reflect.TypeOf(c)); err != nil {
		return nil, fmt.Errorf("token payload: %w", err)
	}
	return c, checkContent(c)
}

// tokenParts is a token whose form is in order. What it says is not verified.
type tokenParts struct {
	signed    string // what the signature is made over: header and payload
	payload   []byte
	signature []byte
}

// split refuses what is not three canonical base64url parts, of which the first
// is the header that version 2 tokens have, the second an object, and the third
// as long as a signature.
func split(token string) (p tokenParts, err error) {
	if len(token) > MaxTokenSize {
		return p, SizeError(len(token))
	}
	texts := strings.Split(token, ".")
	if len(texts) != 3 {
		return p, fmt.Errorf("token has %d parts instead of 3", len(texts))
	}
	var data [3][]byte
	for i, name := range []string{"header", "payload", "signature"} {
		if data[i], err = decodePart(texts[i]); err != nil {
			return p, fmt.Errorf("token %s: %w", name, err)
		}
	}
	p = tokenParts{token[:strings.LastIndexByte(token, '.')], data[1], data[2]}
	if err := checkHeader(data[0]); err != nil {
		return p, err
	}
	if !startsObject(p.payload) {
		return p, errors.New("token payload: is not a JSON object")
	}
	if len(p.signature) != ed25519.SignatureSize {
		return p, fmt.Errorf("token signature: has %d bytes instead of %d: the token is cut off, or something follows it", len(p.signature), ed25519.SignatureSize)
	}
	return p, nil
}

// SizeError is about a token that has so many bytes, more than [MaxTokenSize].
type SizeError int

func (e SizeError) Error() string {
	return fmt.Sprintf("token has %d bytes, more than the %d that are allowed", int(e), MaxTokenSize)
}

// decodePart decodes base64url. Strict does not refuse line breaks: the
// encoding package skips them always.
func decodePart(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, errors.New("contains a line break")
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if at, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return nil, fmt.Errorf("is not base64url from character %d on", int64(at)+1)
	}
	return data, err
}

func checkHeader(data []byte) error {
	var h jwt.Header
	if !startsObject(data) {
		return errors.New("token header: is not a JSON object")
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return fmt.Errorf("token header: %w", err)
	}
	if err := checkNames(data, reflect.TypeOf(h)); err != nil {
		return fmt.Errorf("token header: %w", err)
	}
	switch {
	case h.Algorithm == jwt.AlgorithmNkeyOld:
		return ErrVersion1
	case h.Algorithm != jwt.AlgorithmNkey:
		return fmt.Errorf("token algorithm %q: only %q is accepted", h.Algorithm, jwt.AlgorithmNkey)
	case !strings.EqualFold(h.Type, jwt.TokenTypeJwt):
		return fmt.Errorf("token type %q: only %q is accepted", h.Type, jwt.TokenTypeJwt)
	}
	return nil
}

func startsObject(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
}

// ErrVersion1 is why a token of nsc before 2.0 is not accepted; see [Upgrade].
var ErrVersion1 = errors.New("token has the old format of version 1 and must be issued again")
