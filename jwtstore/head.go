package jwtstore

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Head is what a token says of itself, unverified: enough to list it, never
// enough to trust it. Times are Unix seconds, 0 when absent.
type Head struct {
	Name      string
	Subject   string // public key
	Issuer    string // public key
	IssuedAt  int64
	Expires   int64
	NotBefore int64
	Kind      string // operator, account, user, activation
}

var errNotToken = errors.New("does not hold a token")

// ReadHead decodes the head of a bare or decorated token without verifying it.
func ReadHead(token string) (Head, error) {
	_, rest, ok := strings.Cut(token, ".")
	if !ok {
		return Head{}, errNotToken
	}
	payload, _, ok := strings.Cut(rest, ".")
	if !ok {
		return Head{}, errNotToken
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return Head{}, errNotToken
	}
	var body struct {
		Name string `json:"name"`
		Sub  string `json:"sub"`
		Iss  string `json:"iss"`
		Iat  int64  `json:"iat"`
		Exp  int64  `json:"exp"`
		Nbf  int64  `json:"nbf"`
		Nats struct {
			Type string `json:"type"`
		} `json:"nats"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return Head{}, errNotToken
	}
	return Head{
		Name: body.Name, Subject: body.Sub, Issuer: body.Iss,
		IssuedAt: body.Iat, Expires: body.Exp, NotBefore: body.Nbf, Kind: body.Nats.Type,
	}, nil
}

// bare is the token of a file: nsc writes it without decoration, people may
// have put a line break behind it.
func bare(data []byte) string { return string(bytes.TrimSpace(data)) }
