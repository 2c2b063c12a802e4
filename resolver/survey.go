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
// they answer. Those with a memory resolver are like those with a URL resolver.
const (
	KindUnknown Kind = "unknown" // may not be asked, or did not answer
	KindFull    Kind = "full"
	KindCache   Kind = "cache"
	KindOther   Kind = "memory_or_url"
	KindHTTP    Kind = "account_server" // no NATS server at all
)

// Operator is an operator that a server trusts.
type Operator struct {
	Token       string   `json:"-"`
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
	// Account is one to look up, pushed or not: servers with a full resolver answer.
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

// ask puts one question to all servers.
func (s *survey) ask(ctx context.Context, subject string, body []byte, nobody error, heard func(*Profile, reply) bool) error {
	return s.conn.sweep(ctx, sweep{
		topic: subject, count: 1, inFlight: 1, expect: s.servers,
		question: func(int) (string, []byte) { return subject, body },
		heard: func(_ int, r reply) bool {
			p := s.byID[r.server.ID]
			return p != nil && heard(p, r)
		},
		silent: func(int, Server) {},
		nobody: nobody,
	})
}

// operators asks whom servers trust. Those that were not configured with the token
// of an operator tell its claims alone.
func (s *survey) operators(ctx context.Context, _ SurveyOptions) error {
	return s.ask(ctx, subjectVarz, nil, ErrNotSystem, func(p *Profile, r reply) bool {
		if r.fault != nil {
			return true
		}
		list, ok := decodeOperators(r.data)
		p.Operators = list
		return ok
	})
}

func decodeOperators(data []byte) ([]Operator, bool) {
	var varz struct {
		Tokens []string              `json:"trusted_operators_jwt"`
		Claims []*jwt.OperatorClaims `json:"trusted_operators_claim"`
	}
	if json.Unmarshal(data, &varz) != nil {
		return []Operator{}, false
	}
	list := []Operator{}
	for i, c := range varz.Claims[:min(len(varz.Claims), maxOperators)] {
		if c == nil {
			continue
		}
		o := Operator{Name: clip(c.Name, maxName), Subject: clip(c.Subject, maxName), SigningKeys: c.SigningKeys, Strict: c.StrictSigningKeyUsage}
		if len(varz.Tokens) == len(varz.Claims) {
			o.Token = varz.Tokens[i]
		}
		list = append(list, o)
	}
	return list, true
}

// kinds finds out which resolvers servers have. Who lists accounts keeps a store;
// lookups are answered where it is full, and by account servers beside servers that
// keep none: they say nothing by themselves.
func (s *survey) kinds(ctx context.Context, o SurveyOptions) error {
	if err := checkAccountID(o.Account); err != nil {
		return err
	}
	keepers := 0
	err := s.ask(ctx, subjectClaimsList, nil, ErrNoResolver, func(p *Profile, _ reply) bool {
		p.Resolver = KindFull
		keepers++
		return true
	})
	if err != nil && !errors.Is(err, ErrNoResolver) {
		return err
	}
	for i := range s.list {
		if p := &s.list[i]; p.Resolver == KindUnknown {
			p.Resolver = KindOther
		}
	}
	if keepers == 0 {
		return nil
	}
	full, err := s.countFull(ctx, o.Account, keepers)
	if err != nil || full == keepers {
		return err
	}
	return s.caches(ctx, full)
}

// caches tells caching resolvers from full ones by the words in which they refuse
// what is no token.
func (s *survey) caches(ctx context.Context, full int) error {
	if full == 0 {
		for i := range s.list {
			if p := &s.list[i]; p.Resolver == KindFull {
				p.Resolver = KindCache
			}
		}
		return nil
	}
	return s.ask(ctx, subjectClaimsUpdate, []byte("-"), ErrNoResolver, func(p *Profile, r reply) bool {
		if r.fault != nil && saysCache(r.fault.Description) {
			p.Resolver = KindCache
		}
		return r.fault != nil
	})
}

// countFull counts the answers to a lookup, which bear no name, up to most.
func (s *survey) countFull(ctx context.Context, account string, most int) (int, error) {
	subject := prefixAccount + account + suffixLookup
	box := s.conn.newMailbox(subject)
	defer box.close()
	ctx, cancel := s.conn.within(ctx)
	defer cancel()
	if err := box.ask(subject, nil); err != nil {
		return 0, err
	}
	for count := 0; ; count++ {
		if count == most {
			return count, nil
		}
		msg, err := box.next(ctx)
		switch {
		case errors.Is(err, ErrNoAnswer):
			return count, nil
		case err != nil:
			return count, err
		case nobodyThere(msg):
			return 0, nil
		}
	}
}

// deletion asks whether accounts can be deleted.
func (s *survey) deletion(ctx context.Context, o SurveyOptions) error {
	if o.Deletion == "" {
		return nil
	}
	err := s.ask(ctx, subjectClaimsDelete, []byte(o.Deletion), ErrNoResolver, func(p *Profile, r reply) bool {
		if r.fault == nil {
			return false
		}
		allowed := !saysDisabled(r.fault.Description)
		p.Deletes = &allowed
		return true
	})
	for i := range s.list {
		if p := &s.list[i]; p.Resolver == KindOther {
			p.Deletes = new(bool)
		}
	}
	if errors.Is(err, ErrNoResolver) {
		return nil
	}
	return err
}

// saysCache recognises the words of a caching resolver.
func saysCache(text string) bool { return strings.Contains(text, "jwt update cache") }

// saysDisabled recognises the refusal of a server that does not allow deletion.
func saysDisabled(text string) bool { return strings.Contains(text, "delete must be enabled") }
