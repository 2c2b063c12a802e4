package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// Kind is where a server has its accounts from.
type Kind string

// The kinds of resolvers. Servers do not tell which they have: it shows in what
// they listen to. Those with a memory resolver are like those with a URL resolver.
const (
	KindUnknown Kind = "unknown" // may not be asked, or did not answer
	KindFull    Kind = "full"
	KindCache   Kind = "cache"
	KindOther   Kind = "memory_or_url"
	KindHTTP    Kind = "account_server" // no NATS server at all
)

// Keeps tells whether servers of a kind may have a store of accounts that can be
// listed. Where the kind is not known, they may.
func (k Kind) Keeps() bool { return k != KindOther && k != KindHTTP }

// Operator is an operator that a server trusts, as it was started or told by its
// configuration: one that is edited is not heard of there before that is.
type Operator struct {
	Token       string   `json:"-"` // unverified; empty where a server has its claims alone
	Name        string   `json:"name"`
	Subject     string   `json:"public_key"`
	SigningKeys []string `json:"signing_keys"`
	Strict      bool     `json:"strict"` // its identity key signs no accounts
}

// Profile is what a server is.
type Profile struct {
	Server
	Resolver  Kind       `json:"resolver"`
	Operators []Operator `json:"operators"`          // empty if the server did not say
	Deletes   *bool      `json:"deletion,omitempty"` // whether accounts can be deleted there; nil if nobody asked

	system string // its system account, a public key; empty if the server did not say
}

// Trusts reports whether the server loads accounts that a key has signed. It is
// true where the server did not say whom it trusts.
func (p Profile) Trusts(issuer string) bool {
	return len(p.Operators) == 0 || slices.ContainsFunc(p.Operators, func(o Operator) bool {
		return o.Subject == issuer && !o.Strict || slices.Contains(o.SigningKeys, issuer)
	})
}

// SurveyOptions adjusts a survey.
type SurveyOptions struct {
	// Account is one to ask for, pushed or not, by a user that may not ask what
	// servers listen to: those with a full resolver answer.
	Account string
	// Deletion, if set, is a request to delete nothing, signed by a key that nobody
	// trusts. Where deletion is allowed it is refused for that; servers note it in
	// their logs as an error.
	Deletion string
}

// Survey asks servers that answered a roll call what they are. What a user may not
// ask stays unknown. The profiles are in the order of the servers.
func (c *Conn) Survey(ctx context.Context, servers []Server, o SurveyOptions) ([]Profile, error) {
	s := &survey{conn: c, servers: servers, byID: map[string]*Profile{}, list: make([]Profile, len(servers))}
	for i, server := range servers {
		s.list[i] = Profile{Server: server, Resolver: KindUnknown, Operators: []Operator{}}
		s.byID[server.ID] = &s.list[i]
	}
	for _, step := range []func(context.Context, SurveyOptions) error{s.operators, s.kinds, s.deletion} {
		if err := step(ctx, o); err != nil && !errors.Is(err, ErrPermission) && !errors.Is(err, ErrNotSystem) {
			return s.list, err
		}
	}
	return s.list, nil
}

// survey is one under way; the profiles fill up as answers come.
type survey struct {
	conn    *Conn
	servers []Server
	list    []Profile
	byID    map[string]*Profile
}

// ask puts one question to some of the servers.
func (s *survey) ask(ctx context.Context, servers []Server, subject string, body []byte, nobody error, heard func(*Profile, reply) bool) error {
	return s.conn.sweep(ctx, sweep{
		topic: subject, count: 1, inFlight: 1, expect: servers,
		question: func(int) (string, []byte) { return subject, body },
		heard: func(_ int, r reply) bool {
			p := s.byID[r.server.ID]
			return p != nil && heard(p, r)
		},
		silent: func(int, Server) {},
		nobody: nobody,
	})
}

// operators asks whom servers trust.
func (s *survey) operators(ctx context.Context, _ SurveyOptions) error {
	return s.ask(ctx, s.servers, subjectVarz, nil, ErrNotSystem, func(p *Profile, r reply) bool {
		if r.fault != nil {
			return true
		}
		var varz struct {
			System string `json:"system_account"`
		}
		list, ok := decodeOperators(r.data)
		p.Operators = list
		ok = ok && json.Unmarshal(r.data, &varz) == nil
		p.system = clip(varz.System, maxName)
		return ok
	})
}

// maxOperators bounds the operators that one server may claim to trust.
const maxOperators = 64

// decodeOperators reads VARZ: the tokens of operators, their claims, or both in the
// same order.
func decodeOperators(data []byte) ([]Operator, bool) {
	var varz struct {
		Tokens []string              `json:"trusted_operators_jwt"`
		Claims []*jwt.OperatorClaims `json:"trusted_operators_claim"`
	}
	list := []Operator{}
	if json.Unmarshal(data, &varz) != nil {
		return list, false
	}
	paired := len(varz.Claims) == 0 || len(varz.Tokens) == len(varz.Claims)
	for i := range min(max(len(varz.Tokens), len(varz.Claims)), maxOperators) {
		var o Operator
		if paired && i < len(varz.Tokens) {
			said, _ := peek(varz.Tokens[i]) // what is no token has no name
			o = Operator{Token: varz.Tokens[i], Name: clip(said.Name, maxName), Subject: clip(said.Subject, maxName)}
		}
		if i < len(varz.Claims) && varz.Claims[i] != nil {
			c := varz.Claims[i]
			o.Name, o.Subject, o.SigningKeys, o.Strict = clip(c.Name, maxName), clip(c.Subject, maxName), c.SigningKeys, c.StrictSigningKeyUsage
		}
		if o.Subject != "" || o.Token != "" {
			list = append(list, o)
		}
	}
	return list, true
}

// deletion asks whether accounts can be deleted, where there is a store of them.
func (s *survey) deletion(ctx context.Context, o SurveyOptions) error {
	if o.Deletion == "" {
		return nil
	}
	var keepers []Server
	for i := range s.list {
		if p := &s.list[i]; p.Resolver.Keeps() {
			keepers = append(keepers, p.Server)
		} else {
			p.Deletes = new(bool)
		}
	}
	if len(keepers) == 0 {
		return nil
	}
	return s.ask(ctx, keepers, subjectClaimsDelete, []byte(o.Deletion), ErrNotSystem, func(p *Profile, r reply) bool {
		if r.fault == nil {
			return false
		}
		allowed := !saysDisabled(r.fault.Description)
		p.Deletes = &allowed
		return true
	})
}

// saysDisabled recognises the refusal of a server that does not allow deletion.
func saysDisabled(text string) bool { return strings.Contains(text, "delete must be enabled") }
