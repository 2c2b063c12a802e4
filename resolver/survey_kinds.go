package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// kinds finds out which resolvers servers have: by what they listen to, or for a
// user that may not ask that, by what they answer.
func (s *survey) kinds(ctx context.Context, o SurveyOptions) error {
	if err := checkAccountID(o.Account); err != nil {
		return err
	}
	err := s.listeners(ctx)
	if errors.Is(err, ErrPermission) {
		return s.answers(ctx, o.Account)
	}
	return err
}

// listener is a subscription as a server tells of it.
type listener struct {
	Subject string `json:"subject"`
	Queue   string `json:"qgroup"`
	Client  uint64 `json:"cid"`
}

// listeners asks servers who listens to two subjects there. Each server that keeps
// accounts does to lists, and with a full resolver to requests for all of them.
// Others may listen, too: account servers answer for all accounts, and people watch.
// A server's own subscriptions are those of the client that listens to lists.
func (s *survey) listeners(ctx context.Context) error {
	subjects := []string{subjectClaimsList, subjectClaimsPack}
	questions := make([][]byte, len(subjects))
	for i, subject := range subjects {
		question := map[string]any{"subscriptions": true, "test": subject}
		if system := s.system(); system != "" {
			question["account"] = system // saves servers the looking through all others
		}
		var err error
		if questions[i], err = json.Marshal(question); err != nil {
			return err
		}
	}
	heard := make([]map[string][]listener, len(subjects))
	for i := range heard {
		heard[i] = map[string][]listener{}
	}
	err := s.conn.sweep(ctx, sweep{
		topic: subjectSubsz, count: len(subjects), inFlight: len(subjects), expect: s.servers,
		question: func(i int) (string, []byte) { return subjectSubsz, questions[i] },
		heard: func(i int, r reply) bool {
			var subsz struct {
				List []listener `json:"subscriptions_list"`
			}
			if r.fault != nil {
				return true
			}
			if json.Unmarshal(r.data, &subsz) != nil {
				return false
			}
			heard[i][r.server.ID] = append([]listener{}, subsz.List...)
			return true
		},
		silent: func(int, Server) {},
		nobody: ErrNotSystem,
	})
	for id, p := range s.byID {
		lists, ok := heard[0][id]
		packs, both := heard[1][id]
		if ok && both {
			p.Resolver = kindOf(lists, packs)
		}
	}
	return err
}

// system is the system account of the servers, empty if none says which it is.
func (s *survey) system() string {
	for _, p := range s.list {
		if p.system != "" {
			return p.system
		}
	}
	return ""
}

// kindOf is the resolver of a server where some listen to lists, and some to
// requests for all accounts.
func kindOf(lists, packs []listener) Kind {
	kind := KindOther
	for _, l := range lists {
		if l.Subject != subjectClaimsList || l.Queue != "" {
			continue
		}
		kind = KindCache
		for _, p := range packs {
			if p.Subject == subjectClaimsPack && p.Queue == packQueue && p.Client == l.Client {
				return KindFull
			}
		}
	}
	return kind
}

// answers tells kinds apart by what servers answer. Who lists accounts keeps a store;
// lookups are answered where it is full, and by account servers beside servers that
// keep none: they say nothing by themselves.
func (s *survey) answers(ctx context.Context, account string) error {
	var keepers []Server
	err := s.ask(ctx, s.servers, subjectClaimsList, nil, ErrNoResolver, func(p *Profile, _ reply) bool {
		p.Resolver = KindFull
		keepers = append(keepers, p.Server)
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
	if len(keepers) == 0 {
		return nil
	}
	full, err := s.countFull(ctx, account, len(keepers))
	if full == len(keepers) {
		return err
	}
	for _, keeper := range keepers {
		s.byID[keeper.ID].Resolver = KindUnknown
		if full == 0 && err == nil {
			s.byID[keeper.ID].Resolver = KindCache
		}
	}
	if full == 0 || err != nil {
		return err
	}
	// Caching resolvers and full ones refuse what is no token in different words.
	return s.ask(ctx, keepers, subjectClaimsUpdate, []byte("-"), ErrNoResolver, func(p *Profile, r reply) bool {
		if r.fault != nil {
			p.Resolver = KindFull
			if saysCache(r.fault.Description) {
				p.Resolver = KindCache
			}
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

// saysCache recognises the words of a caching resolver.
func saysCache(text string) bool { return strings.Contains(text, "jwt update cache") }
