package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

func newServer(a *app) *cobra.Command {
	return newGroup("server", "Ask running servers about themselves", "  nkeep server list\n  nkeep server connections -a ORDERS --within 7d",
		newServerList(a), newServerPing(a), newServerStats(a), newServerInfo(a), newServerAccounts(a), newServerAccount(a), newServerConnections(a))
}

// servers is what commands that ask servers have in common: they log in to the
// system account, and wait for all servers that should be there.
type servers struct {
	*app
	online onlineFlags
}

func (s *servers) bind(c *cobra.Command) {
	f := c.Flags()
	s.online.bindURL(f, "url", "u")
	s.online.bind(s.app, c)
	s.online.bindExpect(f)
}

// dial logs in with what some questions about accounts take.
func (s *servers) dial(ctx context.Context, w *workspace, op *operator, accounts []string, questions ...resolver.Question) (*resolver.Conn, error) {
	pub, sub := resolver.AskPermissions(accounts, questions...)
	return s.online.dial(ctx, w, op, errand{client: "nkeep server", doing: "asking", pub: pub, sub: sub})
}

// anyAccount is one to ask for where any will do, known or not: who answers has a
// store. An operator that somebody else runs need not name its system account.
func (s *servers) anyAccount(op *operator) (string, error) {
	if system := op.claims.SystemAccount; system != "" {
		return system, nil
	}
	k, err := s.newKey(nkeys.PrefixByteAccount)
	return k.public, err
}

// serverRoll is which servers answered, and which did not.
type serverRoll struct {
	URL     string   `json:"url"`
	Missing int      `json:"missing_servers"`
	Absent  []string `json:"absent"` // names of missing servers, as far as they are known

	servers []resolver.Server
	stats   []resolver.Statistics // of the same servers
}

// call calls the roll.
func (s *servers) call(ctx context.Context, conn *resolver.Conn) (*serverRoll, error) {
	roll, stats, err := s.online.statistics(ctx, conn)
	if err != nil {
		return nil, err
	}
	return &serverRoll{URL: conn.URL(), Missing: roll.Missing, Absent: roll.Absent, servers: roll.Servers, stats: stats}, nil
}

// find is where a server stands that is given by its name or its id.
func (r *serverRoll) find(nameOrID string) (int, error) {
	var found, names []string
	at := -1
	for i, s := range r.servers {
		if s.ID == nameOrID {
			return i, nil
		}
		if names = append(names, s.Name); s.Name == nameOrID {
			found, at = append(found, s.ID), i
		}
	}
	switch len(found) {
	case 0:
		return 0, withHint(missingf("server %q: did not answer the roll call", nameOrID), "those that did: %s", strings.Join(names, ", "))
	case 1:
		return at, nil
	}
	return 0, withHint(usagef("server %q: is the name of %d servers", nameOrID, len(found)), "give an id: %s", strings.Join(found, ", "))
}

// silent adds a server that answered the roll call and then no more.
func (r *serverRoll) silent(s resolver.Server) {
	if !slices.Contains(r.Absent, s.Name) {
		r.Absent = append(r.Absent, s.Name)
		slices.Sort(r.Absent)
		r.Missing++
	}
}

func (r *serverRoll) err() error {
	if r.Missing == 0 {
		return nil
	}
	who := ""
	if len(r.Absent) > 0 {
		who = ": " + strings.Join(r.Absent, ", ")
	}
	return withHint(checksError{fmt.Errorf("%s that should be there did not answer%s", english.Plural(r.Missing, "server", ""), who)}, hintExpect)
}

// unnamed tells of missing servers whose names nobody knows.
func (r *serverRoll) unnamed(t *render.Text) {
	if n := r.Missing - len(r.Absent); n > 0 {
		t.Colored(render.Red, "%s should be there and did not answer", english.Plural(n, "more server", ""))
	}
}

// missing tells of all servers that did not answer.
func (r *serverRoll) missing(t *render.Text) {
	for _, name := range r.Absent {
		t.Colored(render.Red, "no answer from %s", name)
	}
	r.unnamed(t)
}

// optionalServer demands at most one server.
func optionalServer(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s: takes one server, got %d", commandName(c), len(args))
	}
	return nil
}

// yesNo is what people read.
func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
