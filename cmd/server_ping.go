package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

type serverPing struct {
	servers
	count int
}

func newServerPing(a *app) *cobra.Command {
	o := &serverPing{servers: servers{app: a}}
	c := &cobra.Command{
		Use:   "ping",
		Short: "Measure how long each server takes to answer",
		Long: `Measure how long each server takes to answer. Those that the connection does not
end at are reached through the one where it does, and their way counts.

Exit code 5 means that a server is missing, or left a ping unanswered.`,
		Example: `  nkeep server ping
  nkeep server ping --count 20 --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	c.Flags().IntVar(&o.count, "count", 3, "how often, 1 to 1000")
	o.bind(c)
	return c
}

func (o *serverPing) run(ctx context.Context) error {
	if o.count < 1 || o.count > 1000 {
		return usagef("--count: must be 1 to 1000")
	}
	q, err := o.begin(ctx, resolver.AskPing)
	if err != nil {
		return err
	}
	defer q.close()
	v := pingView{serverRoll: q.serverRoll, Servers: make([]pingRow, len(q.servers))}
	for i, s := range q.servers {
		v.Servers[i] = pingRow{Server: s, Sent: o.count, RTTs: []time.Duration{}}
	}
	for range o.count {
		took, err := q.conn.Ping(ctx, q.servers)
		if err != nil {
			return err
		}
		for i := range v.Servers {
			if d, ok := took[v.Servers[i].ID]; ok {
				v.Servers[i].RTTs = append(v.Servers[i].RTTs, d)
			}
		}
	}
	return o.conclude(v)
}

// pingView is how long servers took to answer.
type pingView struct {
	*serverRoll
	Servers []pingRow `json:"servers"`
}

type pingRow struct {
	resolver.Server
	Sent int             `json:"sent"`
	RTTs []time.Duration `json:"rtts_ns"` // of the answers, in order
}

func (v pingView) err() error {
	for _, s := range v.Servers {
		if n := s.Sent - len(s.RTTs); n > 0 {
			return checksError{fmt.Errorf("server %q: left %d of %d pings unanswered", s.Name, n, s.Sent)}
		}
	}
	return v.serverRoll.err()
}

// Text implements [render.View].
func (v pingView) Text(t *render.Text) {
	table := render.Table{Title: "Round trips by " + v.URL, Columns: render.Columns("Name", "Answers", "Least", "Mean", "Most")}
	for _, s := range v.Servers {
		answers := strconv.Itoa(len(s.RTTs)) + " of " + strconv.Itoa(s.Sent)
		if len(s.RTTs) == 0 {
			table.Add(s.Name, answers, "", "", "")
			continue
		}
		var sum time.Duration
		for _, d := range s.RTTs {
			sum += d
		}
		table.Add(s.Name, answers, rounded(slices.Min(s.RTTs)), rounded(sum/time.Duration(len(s.RTTs))), rounded(slices.Max(s.RTTs)))
	}
	for _, name := range v.Absent {
		table.Add(name, "no answer", "", "", "")
	}
	t.Table(table)
	v.countUnnamed(t)
}
