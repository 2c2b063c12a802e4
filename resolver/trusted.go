package resolver

import (
	"context"
	"encoding/json"
	"slices"
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
	roll, err := c.expected(ctx, expect)
	if err != nil {
		return nil, err
	}
	list := []Trusted{}
	err = c.sweep(ctx, sweep{
		topic:    subjectVarz,
		count:    1,
		inFlight: 1,
		expect:   roll.Servers,
		question: func(int) (string, []byte) { return subjectVarz, nil },
		heard: func(_ int, r reply) bool {
			t, ok := decodeTrusted(r)
			if ok {
				list = append(list, t)
			}
			return ok
		},
		silent: func(_ int, s Server) { list = append(list, Trusted{Server: s, Silent: true}) },
		nobody: ErrNotSystem,
	})
	slices.SortFunc(list, func(a, b Trusted) int { return compareServers(a.Server, b.Server) })
	return list, err
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
