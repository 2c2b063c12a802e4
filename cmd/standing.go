package cmd

import (
	"fmt"
	"strings"
	"sync"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// standing tells of tokens that are used and have expired, or are not valid
// yet: of each once in a run. It may be used by several goroutines.
type standing struct {
	mu   sync.Mutex
	told map[string]bool // by token
}

// first reports whether this is the first time that it is asked about a token.
func (s *standing) first(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[string]bool{}
	}
	if s.told[token] {
		return false
	}
	s.told[token] = true
	return true
}

// warnStanding warns when a token that is about to be used is not in force.
// Servers do not look at the times of an operator.
func (a *app) warnStanding(kind, name, token string, c jwt.Claims) {
	s := claims.StandingAt(c.Claims(), a.env.Now().Unix())
	if s.Level == "" || !a.standing.first(token) {
		return
	}
	refused := ": servers refuse it"
	if kind == jwtstore.KindOperator {
		refused = ""
	}
	a.out.Warnf("%s %q: %s%s", kind, name, s, refused)
}

// warnStandingOf is warnStanding for accounts that are used all at once, which
// can be thousands: one warning names the first few.
func (a *app) warnStandingOf(accounts []*account) {
	const few = 5
	var names []string
	more := 0
	for _, ac := range accounts {
		switch s := claims.StandingAt(ac.claims.Claims(), a.env.Now().Unix()); {
		case s.Level == "" || !a.standing.first(ac.token):
		case len(names) < few:
			names = append(names, fmt.Sprintf("account %q: %s", ac.name, s))
		default:
			more++
		}
	}
	if more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(names) > 0 {
		a.out.Warnf("servers refuse what is not in force: %s", strings.Join(names, "; "))
	}
}
