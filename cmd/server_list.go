package cmd

import (
	"context"
	"strconv"
	"time"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newServerList(a *app) *cobra.Command {
	o := &servers{app: a}
	c := &cobra.Command{
		Use:   "list",
		Short: "Call the roll of servers",
		Long: `Call the roll of servers: what they are, how many connections they have, and how
long they take to answer. It ends as soon as all are heard that servers know of,
and names those that are missing as far as others know them.

Exit code 5 means that a server is missing.`,
		Example: `  nkeep server list
  nkeep server list --expect n1,n2,n3
  nkeep server list --json | jq -r '.servers[].name'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.list(c.Context()) },
	}
	o.bind(c)
	return c
}

func (s *servers) list(ctx context.Context) error {
	q, err := s.begin(ctx, resolver.AskSurvey)
	if err != nil {
		return err
	}
	defer q.close()
	profiles, err := q.survey(ctx)
	if err != nil {
		return err
	}
	v := serverList{serverRoll: q.serverRoll, Servers: []serverRow{}}
	for i, p := range profiles {
		st := q.stats[i]
		v.Servers = append(v.Servers, serverRow{Server: p.Server, Resolver: p.Resolver, Connections: st.Connections, RTT: st.RTT, Start: st.Start})
	}
	return s.conclude(v)
}

// serverList is which servers there are.
type serverList struct {
	*serverRoll
	Servers []serverRow `json:"servers"`
}

type serverRow struct {
	resolver.Server
	Resolver    resolver.Kind `json:"resolver"`
	Connections int           `json:"connections"`
	RTT         time.Duration `json:"rtt_ns"`
	Start       time.Time     `json:"start"`
}

// Text implements [render.View].
func (v serverList) Text(t *render.Text) {
	table := render.Table{Title: "Servers of " + v.URL, Columns: render.Columns("Name", "Version", "Cluster", "Resolver", "JetStream", "Connections", "RTT")}
	for _, s := range v.Servers {
		table.Add(s.Name, s.Version, s.Cluster, resolverName(s.Resolver), yesNo(s.JetStream), strconv.Itoa(s.Connections), rounded(s.RTT))
	}
	for _, name := range v.Absent {
		table.Add(name, "", "", "", "", "", "no answer")
	}
	t.Table(table)
	v.countUnnamed(t)
}

// rounded is a short span of time, for people.
func rounded(d time.Duration) string {
	if d < time.Millisecond {
		return d.Round(time.Microsecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
