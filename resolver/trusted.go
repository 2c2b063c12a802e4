package resolver

import (
	"context"
	"encoding/json"
)

// maxOperators bounds the operators that one server may claim to trust.
const maxOperators = 64

// Trusted is which operators a server trusts, as it was started or told by its
// configuration: an operator that is edited is not heard of there before that is.
type Trusted struct {
	Server        Server   `json:"server"`
	Operators     []string `json:"operators"`      // their tokens, unverified
	SystemAccount string   `json:"system_account"` // public key
	Message       string   `json:"message,omitempty"`
	Silent        bool     `json:"silent,omitempty"`
}

// Trusted asks every expected server which operators it trusts. The answers are
// sorted by server name, silent servers included. An empty expect means those who
// answer a roll call.
func (c *Conn) Trusted(ctx context.Context, expect []Server) ([]Trusted, error) {
	return poll[Trusted]{
		subject: subjectVarz,
		heard:   decodeTrusted,
		silent:  func(s Server) Trusted { return Trusted{Server: s, Silent: true} },
		nobody:  ErrNotSystem,
	}.put(ctx, c, expect)
}

func decodeTrusted(r reply) (Trusted, bool) {
	if r.fault != nil {
		return Trusted{Server: r.server, Message: clip(r.fault.Description, maxMessage)}, true
	}
	var varz struct {
		Operators     []string `json:"trusted_operators_jwt"`
		SystemAccount string   `json:"system_account"`
	}
	if json.Unmarshal(r.data, &varz) != nil {
		return Trusted{}, false
	}
	return Trusted{
		Server:        r.server,
		Operators:     varz.Operators[:min(len(varz.Operators), maxOperators)],
		SystemAccount: clip(varz.SystemAccount, maxName),
	}, true
}
