package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
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
	box := c.newMailbox(subjectRollCall)
	defer box.close()
	whole, cancel := c.within(ctx)
	defer cancel()
	within := whole
	if err := box.ask(subjectRollCall, nil); err != nil {
		return Roll{}, err
	}
	elapsed := stopwatch()
	names, expected := map[string]Server{}, 1
	for {
		msg, err := box.next(within)
		if (errors.Is(err, ErrNoAnswer) || errors.Is(err, errQuiet)) && len(names) > 0 {
			break
		}
		if err != nil {
			return Roll{}, err
		}
		if nobodyThere(msg) {
			return Roll{}, ErrNotSystem
		}
		if server, active, ok := decodePresence(msg); ok {
			_, again := names[server.ID]
			names[server.ID] = server
			expected = max(expected, active)
			if !again && len(names) == maxServers {
				break
			}
			if !again && len(names) >= expected {
				// A server that has just come knows few others: somebody may be left.
				var done context.CancelFunc
				within, done = context.WithTimeoutCause(whole, max(rollGrace, 2*elapsed()), errQuiet)
				defer done()
			}
		}
	}
	roll := Roll{Servers: sortedServers(names), Missing: max(0, expected-len(names)), Absent: []string{}}
	roll.Absent = c.absent(ctx, roll)
	roll.Missing = max(roll.Missing, len(roll.Absent))
	return roll, nil
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

// decodePresence reads a server's statistics: who it is and how many servers,
// itself included, it knows to be active.
func decodePresence(msg *nats.Msg) (server Server, active int, ok bool) {
	var stats struct {
		Server serverInfo `json:"server"`
		Statsz *struct {
			ActiveServers int `json:"active_servers"`
		} `json:"statsz"`
	}
	if len(msg.Data) > maxReply || json.Unmarshal(msg.Data, &stats) != nil {
		return Server{}, 0, false
	}
	if stats.Statsz == nil || stats.Server.ID == "" || stats.Server.Name == "" {
		return Server{}, 0, false
	}
	return stats.Server.server(), min(stats.Statsz.ActiveServers, maxServers), true
}

func sortedServers(byID map[string]Server) []Server {
	list := make([]Server, 0, len(byID))
	for _, s := range byID {
		list = append(list, s)
	}
	slices.SortFunc(list, compareServers)
	return list
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
