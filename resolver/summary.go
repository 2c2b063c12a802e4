package resolver

import (
	"slices"
	"time"
)

// Tally counts results by outcome.
type Tally struct {
	Stored    int `json:"stored"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Rejected  int `json:"rejected"`
	Deferred  int `json:"deferred"`
	Silent    int `json:"silent"`
}

func (t *Tally) add(o Outcome) {
	switch o {
	case Stored:
		t.Stored++
	case Unchanged:
		t.Unchanged++
	case Deferred:
		t.Deferred++
	case Skipped:
		t.Skipped++
	case Rejected:
		t.Rejected++
	case Silent:
		t.Silent++
	case Deleted: // never the result of a push
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

// None reports whether no server has anything of what was pushed.
func (s Summary) None() bool {
	return s.Results.Stored+s.Results.Unchanged+s.Results.Deferred == 0
}

// Count makes a summary of results that came from elsewhere, as those of an account
// server, or of accounts that were not sent because servers have them.
type Count struct{ c *counter }

// NewCount begins to count what becomes of accounts on the servers of a roll.
func NewCount(accounts []Account, roll Roll) Count { return Count{newCounter(accounts, roll, nil)} }

// Add counts a result, of which there is one for each account and server.
func (c Count) Add(r Result) { c.c.add(r) }

// Summary is what was counted.
func (c Count) Summary(elapsed time.Duration) Summary { return c.c.summary(elapsed) }

// counter adds results up as they come, the first for each account and server.
type counter struct {
	accounts []Account
	missing  int
	expect   []Server
	servers  map[string]*ServerTally // by id
	place    map[string]int          // of a server, by id
	have     map[string][]bool       // by account: which servers have had their say
	complete map[string]int          // by account: expected servers that have it
	onResult func(Result)
}

func newCounter(accounts []Account, roll Roll, onResult func(Result)) *counter {
	c := &counter{
		accounts: accounts,
		missing:  roll.Missing,
		expect:   roll.Servers,
		servers:  make(map[string]*ServerTally, len(roll.Servers)),
		place:    make(map[string]int, len(roll.Servers)),
		have:     make(map[string][]bool, len(accounts)),
		complete: make(map[string]int, len(accounts)),
		onResult: onResult,
	}
	for _, s := range roll.Servers {
		c.know(s)
	}
	for _, a := range accounts {
		c.have[a.ID] = make([]bool, len(roll.Servers))
	}
	return c
}

// know gives a server a place.
func (c *counter) know(s Server) int {
	if i, ok := c.place[s.ID]; ok {
		return i
	}
	c.place[s.ID] = len(c.place)
	c.servers[s.ID] = &ServerTally{Server: s}
	return c.place[s.ID]
}

func (c *counter) add(r Result) {
	i := c.know(r.Server)
	have := c.have[r.Account]
	for len(have) <= i { // a server nobody expected
		have = append(have, false)
	}
	if have[i] {
		return
	}
	have[i] = true
	c.have[r.Account] = have
	if i < len(c.expect) && (r.Outcome == Stored || r.Outcome == Unchanged) {
		c.complete[r.Account]++
	}
	c.servers[r.Server.ID].add(r.Outcome)
	if c.onResult != nil {
		c.onResult(r)
	}
}

// lacks is whether one of the servers has said nothing about an account.
func (c *counter) lacks(account string, servers []Server) bool {
	return slices.ContainsFunc(servers, func(s Server) bool { return !c.have[account][c.place[s.ID]] })
}

// missed are the expected servers that have said nothing about some account.
func (c *counter) missed() []Server {
	var list []Server
	for _, s := range c.expect {
		if slices.ContainsFunc(c.accounts, func(a Account) bool { return c.lacks(a.ID, []Server{s}) }) {
			list = append(list, s)
		}
	}
	return list
}

// silence counts what nobody has said anything about.
func (c *counter) silence() {
	for _, a := range c.accounts {
		for _, s := range c.expect {
			if !c.have[a.ID][c.place[s.ID]] {
				c.add(Result{Account: a.ID, Server: s, Outcome: Silent})
			}
		}
	}
}

func (c *counter) summary(elapsed time.Duration) Summary {
	s := Summary{Accounts: len(c.accounts), Missing: c.missing, Elapsed: elapsed}
	for _, t := range c.servers {
		s.Servers = append(s.Servers, *t)
		s.Results.Stored += t.Stored
		s.Results.Unchanged += t.Unchanged
		s.Results.Skipped += t.Skipped
		s.Results.Rejected += t.Rejected
		s.Results.Deferred += t.Deferred
		s.Results.Silent += t.Silent
	}
	slices.SortFunc(s.Servers, func(a, b ServerTally) int { return compareServers(a.Server, b.Server) })
	for _, n := range c.complete {
		if n == len(c.expect) {
			s.Complete++
		}
	}
	return s
}
