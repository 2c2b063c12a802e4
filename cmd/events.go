package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nkeep/resolver"

	"github.com/spf13/cobra"
)

type events struct {
	*app
	online   onlineFlags
	accounts []string
	kinds    []string
	count    int
	totals   bool
}

func newEvents(a *app) *cobra.Command {
	o := &events{app: a}
	c := &cobra.Command{
		Use:   "events",
		Short: "Watch what happens on servers",
		Long: `Show what the servers tell the system account, as it happens, until Ctrl-C: who
connects and disconnects, whose login is refused and why, how many connections
accounts have, leaf nodes, claims that somebody pushes, the statistics of servers,
servers that leave, and certificates that OCSP finds invalid. Accounts and users
are shown by their names.

With --json each event is a line that holds the original, too: it contains the
tokens of users, and those of bearer users are as good as a password.

Statistics of servers, repeated counts of connections, and the ends of connections
whose login was refused are shown only when their kind is asked for. Of leaf nodes servers tell only where gateways are
configured; elsewhere they show in the connections of their account.`,
		Example: `  nkeep events
  nkeep events --account ORDERS --kind connect,disconnect
  nkeep events --kind auth_error --count 1 --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	bindStrings(f, &o.accounts, "account", "a", "only events of these accounts, by name or public key")
	bindStrings(f, &o.kinds, "kind", "", "only events of these kinds: "+strings.Join(eventKinds(), ", "))
	f.IntVar(&o.count, "count", 0, "end after so many events")
	f.BoolVar(&o.totals, "since-start", false, "tell at the end how many events of each kind there were")
	o.online.bindURL(f, "url", "u")
	o.online.bind(a, c)
	a.completeAccounts(c, "account")
	a.completeFlag(c, "kind", func(*workspace, *cobra.Command, string) ([]string, error) { return eventKinds(), nil })
	return c
}

// eventKinds are the kinds that can be asked for.
func eventKinds() []string {
	kinds := []string{}
	for _, k := range []resolver.EventKind{
		resolver.EventConnect, resolver.EventDisconnect, resolver.EventAuthError, resolver.EventConnections, resolver.EventLeafnode,
		resolver.EventClaimsUpdate, resolver.EventServerStats, resolver.EventShutdown, resolver.EventLameDuck,
		resolver.EventCertRefused, resolver.EventCertInvalid,
	} {
		kinds = append(kinds, string(k))
	}
	return kinds
}

func (o *events) run(ctx context.Context) error {
	for _, kind := range o.kinds {
		if !slices.Contains(eventKinds(), kind) {
			return withHint(usagef("--kind: %q is none", kind), "kinds are: %s", strings.Join(eventKinds(), ", "))
		}
	}
	if o.count < 0 {
		return usagef("--count: must not be negative")
	}
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	ids, err := o.ids(op)
	if err != nil {
		return err
	}
	pub, sub := resolver.EventPermissions(ids...)
	conn, err := o.online.dial(ctx, w, op, errand{client: "nkeep events", doing: "watching", pub: pub, sub: sub})
	if err != nil {
		return err
	}
	defer conn.Close()
	return o.watch(ctx, conn, op, ids)
}

// ids are the public keys of the accounts to watch: none for all.
func (o *events) ids(op *operator) ([]string, error) {
	var ids []string
	for _, named := range o.accounts {
		_, public, err := op.otherAccount(named)
		if err != nil {
			return nil, err
		}
		ids = append(ids, public)
	}
	return ids, nil
}

// watch shows events until there were enough, or it is told to stop, which is how
// it ends, not a failure.
func (o *events) watch(ctx context.Context, conn *resolver.Conn, op *operator, ids []string) error {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	show := newEventShow(o.app, op)
	totals := eventTotals{Kinds: map[string]int{}}
	var failed error
	err := conn.Watch(ctx, resolver.WatchOptions{Accounts: ids, Now: o.env.Now, Ready: func() { o.out.Notef("watching until Ctrl-C") }}, func(e resolver.Event) {
		if !o.wanted(e) || ctx.Err() != nil {
			return
		}
		if failed = o.out.ShowLine(show.view(e)); failed != nil {
			enough()
		}
		if totals.add(e); totals.Events == o.count {
			enough()
		}
	})
	if err := errors.Join(err, failed); err != nil || !o.totals {
		return err
	}
	return o.out.ShowLine(totals)
}

// wanted leaves out what only repeats, unless it is asked for.
func (o *events) wanted(e resolver.Event) bool {
	if len(o.kinds) > 0 {
		return slices.Contains(o.kinds, string(e.Kind))
	}
	switch e.Kind {
	case resolver.EventServerStats, resolver.EventConnections, resolver.EventUnknown:
		return false
	case resolver.EventDisconnect:
		return e.Reason != loginFailed // the refusal was told
	default:
		return true
	}
}
