package cmd

import (
	"context"

	"nkeep/render"
	"nkeep/resolver"

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

// inquiry is a connection to the servers of an operator that answered the roll call.
type inquiry struct {
	*serverRoll
	op      *operator
	conn    *resolver.Conn
	account string // what survey asks for
}

// begin opens the operator, logs in with what some questions take, and calls the roll.
func (s *servers) begin(ctx context.Context, questions ...resolver.Question) (*inquiry, error) {
	w, op, err := s.openOperator(ctx)
	if err != nil {
		return nil, err
	}
	probe, err := op.anyAccount()
	if err != nil {
		return nil, err
	}
	return s.ask(ctx, w, op, probe, questions...)
}

// ask is begin for an operator that is open, and for questions about one account,
// or none.
func (s *servers) ask(ctx context.Context, w *workspace, op *operator, account string, questions ...resolver.Question) (*inquiry, error) {
	pub, sub := resolver.AskPermissions([]string{account}, questions...)
	conn, err := s.online.dial(ctx, w, op, errand{client: "nkeep server", doing: "asking", pub: pub, sub: sub})
	if err != nil {
		return nil, err
	}
	roll, stats, err := s.online.statistics(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	called := &serverRoll{URL: conn.URL(), absence: s.online.absence(roll), servers: roll.Servers, stats: stats}
	return &inquiry{called, op, conn, account}, nil
}

func (q *inquiry) close() { q.conn.Close() }

// survey asks what the servers are, in the order of the roll. It takes [resolver.AskSurvey].
func (q *inquiry) survey(ctx context.Context) ([]resolver.Profile, error) {
	return q.conn.Survey(ctx, q.servers, resolver.SurveyOptions{Account: q.account})
}

// nameOf finds what the store calls an account, "" if it does not know it.
func (q *inquiry) nameOf() func(public string) (string, error) { return q.op.store.NamesOfAccounts() }

// answered is a view of what servers said. Its error says what they owe.
type answered interface {
	render.View
	err() error
}

// conclude shows a view, and fails when servers owe an answer.
func (s *servers) conclude(v answered) error {
	if err := s.out.Show(v); err != nil {
		return err
	}
	return v.err()
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
