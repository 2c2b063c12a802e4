package claims

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Encode signs c with the key whose public key is public, by sign, and returns
// the token; c gets a new issuer, iat and jti. previous is the token from which
// c was decoded, and that was verified, or empty if c is new.
//
// What previous holds and this version of jwt does not know is kept: a newer
// program has put it there. It stays where it was, a removed export, import,
// scope or mapping takes its own along. Known members are what c says and
// nothing else, whatever their case in previous. Without such members, and for
// a previous token of version 1, which has another layout, the token is the one
// that c.EncodeWithSigner makes. The jti is in both cases: it is a hash over
// the standard claims alone.
//
// A limit of 0 in the template of a role, which other programs can write and jwt
// cannot, is an error: the signature would lift it.
func Encode(c jwt.Claims, previous, public string, sign jwt.SignFn) (string, error) {
	if err := refuseLifting(c); err != nil {
		return "", err
	}
	kept, err := unknownOf(previous, c, c.Claims().Subject)
	if err != nil {
		return "", fmt.Errorf("previous token: %w", err)
	}
	return encodeWith(c, kept, public, sign)
}

// encodeWith signs c with kept in it.
func encodeWith(c jwt.Claims, kept *unknown, public string, sign jwt.SignFn) (string, error) {
	issuer, err := nkeys.FromPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("issuer %q: %w", public, err)
	}
	var whole string
	token, err := c.EncodeWithSigner(issuer, func(public string, text []byte) ([]byte, error) {
		text, err := graftText(text, kept)
		if err != nil {
			return nil, err
		}
		signature, err := sign(public, text)
		whole = string(text) + "." + base64.RawURLEncoding.EncodeToString(signature)
		return signature, err
	})
	if err != nil {
		return "", err
	}
	if kept != nil {
		token = whole
	}
	if len(token) > MaxTokenSize {
		return "", SizeError(len(token))
	}
	return token, nil
}

// unknownOf returns what the token of a subject holds that the type of c does not know.
func unknownOf(token string, c jwt.Claims, subject string) (*unknown, error) {
	if token == "" {
		return nil, nil
	}
	p, err := split(token)
	if errors.Is(err, ErrVersion1) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := survey(p.payload, reflect.TypeOf(c))
	if found == nil || err != nil {
		return nil, err
	}
	h, err := p.head()
	switch {
	case err != nil:
		return nil, err
	case h.version() < version:
		return nil, nil
	case h.Subject != subject || h.kind() != c.ClaimType():
		return nil, fmt.Errorf("is of %s %q", h.kind(), h.Subject)
	}
	return found, nil
}
