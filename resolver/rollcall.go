package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Roll is who answered a roll call.
type Roll struct {
	Servers []Server `json:"servers"` // sorted by name, then id
	Missing int      `json:"missing"` // servers that others count as present and that did not answer
	Absent  []string `json:"absent"`  // names of such servers, as far as others know them
}

// rollGrace is how long a roll call goes on when all that are known have answered.
const rollGrace = 30 * time.Millisecond

var errQuiet = errors.New("nobody else answered")

// RollCall asks which servers are there. It returns soon after as many have
// answered as the servers themselves count, and at the latest when the time is
// over. Without any answer the error is [ErrNoAnswer], or [ErrNotSystem] where
// nobody serves the request.
func (c *Conn) RollCall(ctx context.Context) (Roll, error) {
	roll, _, err := c.Statistics(ctx)
	return roll, err
}

// Statistics is [Conn.RollCall] that keeps what servers tell on the way: what each
// of those that answered does, in the same order.
func (c *Conn) Statistics(ctx context.Context) (Roll, []Statistics, error) {
	list, expected, err := c.callRoll(ctx)
	if err != nil {
		return Roll{}, nil, err
	}
	roll := Roll{Servers: make([]Server, len(list)), Missing: max(0, expected-len(list)), Absent: []string{}}
	for i, s := range list {
		roll.Servers[i] = s.Server
	}
	roll.Absent = c.absent(ctx, roll)
	roll.Missing = max(roll.Missing, len(roll.Absent))
	return roll, list, nil
}

// callRoll returns who answered, and how many servers there should be.
func (c *Conn) callRoll(ctx context.Context) ([]Statistics, int, error) {
	box := c.newMailbox(subjectRollCall)
	defer box.close()
	whole, cancel := c.within(ctx)
	defer cancel()
	within := whole
	if err := box.ask(subjectRollCall, nil); err != nil {
		return nil, 0, err
	}
	elapsed := stopwatch()
	heard, expected := map[string]Statistics{}, 1
	for {
		msg, err := box.next(within)
		if (errors.Is(err, ErrNoAnswer) || errors.Is(err, errQuiet)) && len(heard) > 0 {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if nobodyThere(msg) {
			return nil, 0, ErrNotSystem
		}
		if s, ok := decodeStatistics(msg.Data); ok {
			s.RTT = elapsed()
			_, again := heard[s.ID]
			heard[s.ID] = s
			expected = max(expected, min(s.ActiveServers, maxServers))
			if !again && len(heard) == maxServers {
				break
			}
			if !again && len(heard) >= expected {
				// A server that has just come knows few others: somebody may be left.
				var done context.CancelFunc
				within, done = context.WithTimeoutCause(whole, max(rollGrace, 2*elapsed()), errQuiet)
				defer done()
			}
		}
	}
	list := slices.SortedFunc(maps.Values(heard), func(a, b Statistics) int { return compareServers(a.Server, b.Server) })
	return list, expected, nil
}

// absent asks those who answered for the names of those who did not: servers know
// their neighbours by name for as long as the connection to them stands. To whom
// that is not told, nobody is known.
func (c *Conn) absent(ctx context.Context, roll Roll) []string {
	names := []string{}
	present := func(name string) bool {
		return slices.ContainsFunc(roll.Servers, func(s Server) bool { return s.Name == name })
	}
	_ = c.sweep(ctx, sweep{
		topic: subjectRoutez, count: 1, inFlight: 1, expect: roll.Servers,
		question: func(int) (string, []byte) { return subjectRoutez, nil },
		heard: func(_ int, r reply) bool {
			var routez struct {
				Routes []struct {
					RemoteName string `json:"remote_name"`
				} `json:"routes"`
			}
			if r.fault == nil && json.Unmarshal(r.data, &routez) != nil {
				return false
			}
			for _, route := range routez.Routes {
				if name := clip(route.RemoteName, maxName); name != "" && !present(name) && len(names) < maxServers {
					names = append(names, name)
				}
			}
			return true
		},
		silent: func(int, Server) {},
		nobody: ErrNotSystem,
	})
	slices.Sort(names)
	return slices.Compact(names)
}

func compareServers(a, b Server) int {
	if d := strings.Compare(a.Name, b.Name); d != 0 {
		return d
	}
	return strings.Compare(a.ID, b.ID)
}

// expected returns expect, or whoever answers a roll call where that is empty.
func (c *Conn) expected(ctx context.Context, expect []Server) (Roll, error) {
	if len(expect) > 0 {
		return Roll{Servers: expect}, nil
	}
	return c.RollCall(ctx)
}
