package accountserver

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// decodedToken is what a token says, for people and their tools.
type decodedToken struct {
	Header    json.RawMessage `json:"header"`
	Claims    any             `json:"claims"`
	Signature string          `json:"signature"`         // base64, as in the token
	Issued    string          `json:"issued,omitempty"`  // RFC 3339
	Expires   string          `json:"expires,omitempty"` // RFC 3339
}

var errNotDecoded = errors.New("token cannot be decoded")

// decoded is a token as JSON, with the activations that its imports hold
// decoded likewise.
func decoded(token string) ([]byte, error) {
	d, err := decode(token)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // a subject may end in >
	e.SetIndent("", "  ")
	err = e.Encode(d)
	return out.Bytes(), err
}

func decode(token string) (*decodedToken, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errNotDecoded
	}
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || !json.Valid(header) {
		return nil, errNotDecoded
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, errNotDecoded
	}
	body := map[string]any{}
	numbers := json.NewDecoder(bytes.NewReader(payload))
	numbers.UseNumber()
	if err := numbers.Decode(&body); err != nil {
		return nil, errNotDecoded
	}
	expandImports(body)
	return &decodedToken{header, body, parts[2], timeOf(body, "iat"), timeOf(body, "exp")}, nil
}

func timeOf(body map[string]any, field string) string {
	n, _ := body[field].(json.Number)
	seconds, err := n.Int64()
	if err != nil {
		return ""
	}
	return when(seconds)
}

// expandImports puts what an activation says beside its token.
func expandImports(body map[string]any) {
	nats, _ := body["nats"].(map[string]any)
	imports, _ := nats["imports"].([]any)
	for _, each := range imports {
		im, _ := each.(map[string]any)
		token, _ := im["token"].(string)
		if token == "" {
			continue
		}
		if d, err := decode(token); err == nil {
			im["activation"] = d
		}
	}
}
