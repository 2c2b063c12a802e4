package cmd

import (
	"context"
	"time"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

type serverConnections struct {
	servers
	named  string
	within string
	marked bool
}

func newServerConnections(a *app) *cobra.Command {
	o := &serverConnections{servers: servers{app: a}}
	c := &cobra.Command{
		Use:     "connections",
		Aliases: []string{"conns"},
		Short:   "List who is connected, joined with the store",
		Long: `List who is connected to servers: with which user, who signed it, its tags and
when it expires. Each is looked up in the store, and marked when the store does not
know its account or user, when it would be refused if it came now, since it is revoked
or the key that signed it is gone, when it does not hold the present token of its user,
and when it expires soon.

Revocations count as they are here: those that were not pushed yet, too.

Exit code 5 means that a server is missing.`,
		Example: `  nkeep server connections
  nkeep server connections -a ORDERS --within 30d --marked
  nkeep server connections --json | jq -r '.connections[] | select(.marks[] == "revoked") | .user'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&o.named, "account", "a", "", "only connections of this account, by name or public key")
	f.StringVar(&o.within, "within", "7d", "mark what expires by then: a date (2027-01-31), a time, or a span from now (12h, 30d, 6M)")
	f.BoolVar(&o.marked, "marked", false, "leave out those without a mark")
	o.bind(c)
	a.completeAccounts(c, "account")
	return c
}

func (o *serverConnections) run(ctx context.Context) error {
	now := o.env.Now()
	seconds, err := claims.ParseWhen(o.within, now)
	if err != nil {
		return usageError{err}
	}
	threshold := now
	if seconds > 0 {
		threshold = time.Unix(seconds, 0)
	}
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	public := ""
	if o.named != "" {
		if _, public, err = op.otherAccount(o.named); err != nil {
			return err
		}
	}
	q, err := o.ask(ctx, w, op, public, resolver.AskConnections)
	if err != nil {
		return err
	}
	defer q.close()
	v := &connectionsView{serverRoll: q.serverRoll, Connections: []*connectionRow{}}
	if err := v.ask(ctx, q.conn, public); err != nil {
		return err
	}
	j := connectionJoin{op: op, nameOf: q.nameOf(), accounts: map[string]*connectedAccount{}, now: now, threshold: threshold}
	if err := j.all(v.Connections); err != nil {
		return err
	}
	v.arrange(o.marked)
	return o.conclude(v)
}

// ask collects the connections of one account, or of all.
func (v *connectionsView) ask(ctx context.Context, conn *resolver.Conn, account string) error {
	silent, whole, err := conn.Connections(ctx, account, v.servers, func(c resolver.Connection) {
		v.Connections = append(v.Connections, &connectionRow{Connection: c, Marks: []string{}})
	})
	for _, s := range silent {
		v.silent(s)
	}
	v.Truncated = !whole
	return err
}
