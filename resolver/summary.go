package resolver

import (
	"slices"
	"time"
)

// Tally counts results by outcome.
type Tally struct {
	Stored   int `json:"stored"`
	Skipped  int `json:"skipped"`
	Rejected int `json:"rejected"`
	Silent   int `json:"silent"`
}

func (t *Tally) add(o Outcome) {
	switch o {
	case Stored:
		t.Stored++
	case Skipped:
		t.Skipped++
	case Rejected:
		t.Rejected++
	case Silent:
		t.Silent++
	case Unchanged, Deferred, Deleted: // never the result of a push over $SYS
	}
}

// ServerTally is what one server did with all accounts.
type ServerTally struct {
	Server Server `json:"server"`
	Tally
}

// Summary is a whole push.
type Summary struct {
	Accounts int           `json:"accounts"` // accounts to push
	Complete int           `json:"complete"` // accounts that every expected server stored
	Missing  int           `json:"missing"`  // servers absent from the roll call
	Results  Tally         `json:"results"`
	Servers  []ServerTally `json:"servers"`    // sorted by name
	Elapsed  time.Duration `json:"elapsed_ns"` // nanoseconds
}

// All reports whether every expected server stored every account and none was
// missing.
func (s Summary) All() bool {
	return s.Complete == s.Accounts && s.Missing == 0 && s.Results.Rejected == 0
}

// None reports whether no server stored anything.
func (s Summary) None() bool { return s.Results.Stored == 0 }

// counter adds results up as they come.
type counter struct {
	accounts int
	missing  int
	expect   []Server
	servers  map[string]*ServerTally // by id
	pending  map[string]int          // by account: expected servers that have not stored it
	onResult func(Result)
}

func newCounter(accounts []Account, roll Roll, onResult func(Result)) *counter {
	c := &counter{
		accounts: len(accounts),
		missing:  roll.Missing,
		expect:   roll.Servers,
		servers:  make(map[string]*ServerTally, len(roll.Servers)),
		pending:  make(map[string]int, len(accounts)),
		onResult: onResult,
	}
	for _, s := range roll.Servers {
		c.servers[s.ID] = &ServerTally{Server: s}
	}
	for _, a := range accounts {
		c.pending[a.ID] = len(c.servers)
	}
	return c
}

func (c *counter) add(r Result) {
	t := c.servers[r.Server.ID]
	switch {
	case t == nil: // a server nobody expected
		t = &ServerTally{Server: r.Server}
		c.servers[r.Server.ID] = t
	case r.Outcome == Stored && slices.ContainsFunc(c.expect, func(s Server) bool { return s.ID == r.Server.ID }):
		c.pending[r.Account]--
	}
	t.add(r.Outcome)
	if c.onResult != nil {
		c.onResult(r)
	}
}

func (c *counter) summary(elapsed time.Duration) Summary {
	s := Summary{Accounts: c.accounts, Missing: c.missing, Elapsed: elapsed}
	for _, t := range c.servers {
		s.Servers = append(s.Servers, *t)
		s.Results.Stored += t.Stored
		s.Results.Skipped += t.Skipped
		s.Results.Rejected += t.Rejected
		s.Results.Silent += t.Silent
	}
	slices.SortFunc(s.Servers, func(a, b ServerTally) int { return compareServers(a.Server, b.Server) })
	for _, left := range c.pending {
		if left == 0 {
			s.Complete++
		}
	}
	return s
}
