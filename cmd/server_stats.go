package cmd

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

func newServerStats(a *app) *cobra.Command {
	o := &servers{app: a}
	c := &cobra.Command{
		Use:   "stats [SERVER]",
		Short: "Show what servers have to do",
		Long: `Show what servers have to do: processor, memory, connections, subscriptions,
messages since the start, and consumers that were too slow. A server is given by its
name or its id; without one, all are shown.

Exit code 5 means that a server is missing.`,
		Example: `  nkeep server stats
  nkeep server stats n1 --json`,
		Args: optionalServer,
		RunE: func(c *cobra.Command, args []string) error { return o.stats(c.Context(), args) },
	}
	o.bind(c)
	return c
}

func (s *servers) stats(ctx context.Context, args []string) error {
	q, err := s.begin(ctx, resolver.AskStatistics)
	if err != nil {
		return err
	}
	defer q.close()
	v := statsView{serverRoll: q.serverRoll, Servers: q.stats, one: len(args) == 1}
	if v.one {
		i, err := q.find(args[0])
		if err != nil {
			return err
		}
		v.Servers = v.Servers[i : i+1]
	}
	return s.conclude(v)
}

// statsView is what servers have to do.
type statsView struct {
	*serverRoll
	Servers []resolver.Statistics `json:"servers"`

	one bool // was asked for
}

// err is nil for one that is there, whoever else is not.
func (v statsView) err() error {
	if v.one {
		return nil
	}
	return v.serverRoll.err()
}

// Text implements [render.View].
func (v statsView) Text(t *render.Text) {
	table := render.Table{Title: "Statistics of " + v.URL, Columns: render.Columns("Name", "CPU", "Memory", "Connections", "Subscriptions", "Sent", "Received", "Slow", "Up")}
	for _, s := range v.Servers {
		table.Add(s.Name, fmt.Sprintf("%.0f %% of %d", s.CPU, s.Cores), bytesOf(s.Memory), strconv.Itoa(s.Connections), strconv.FormatUint(uint64(s.Subscriptions), 10),
			trafficOf(s.Sent), trafficOf(s.Received), strconv.FormatInt(s.SlowConsumers, 10), uptime(s.Now.Sub(s.Start)))
	}
	t.Table(table)
	if !v.one {
		v.nameAbsent(t)
	}
}

// bytesOf is a size for people; servers may say what they like.
func bytesOf(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

func trafficOf(t resolver.Traffic) string {
	return humanize.Comma(t.Messages) + " (" + bytesOf(t.Bytes) + ")"
}

// uptime is a long span of time, for people.
func uptime(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	if d < 24*time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%dd%dh%dm", d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60)
}
