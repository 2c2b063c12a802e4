package cmd

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newServerInfo(a *app) *cobra.Command {
	o := &servers{app: a}
	c := &cobra.Command{
		Use:   "info [SERVER]",
		Short: "Show what a server runs with",
		Long: `Show what a server runs with: its version, where it listens, which operators it
trusts, its system account and its resolver, and when it read its configuration. It
is given by its name or its id, and need not be where there is one only.`,
		Example: `  nkeep server info n1
  nkeep server info --json`,
		Args: optionalServer,
		RunE: func(c *cobra.Command, args []string) error { return o.info(c.Context(), args) },
	}
	o.bind(c)
	return c
}

func (s *servers) info(ctx context.Context, args []string) error {
	q, err := s.begin(ctx, resolver.AskSurvey)
	if err != nil {
		return err
	}
	defer q.close()
	i, err := q.only(args)
	if err != nil {
		return err
	}
	d, err := q.conn.Details(ctx, q.servers[i])
	if err != nil {
		return err
	}
	profiles, err := q.survey(ctx)
	if err != nil {
		return err
	}
	v := infoView{Details: d, Resolver: profiles[i].Resolver, Standing: standingOf(profiles[i], q.op)}
	if v.SystemName, err = q.nameOf()(d.SystemAccount); err != nil {
		return err
	}
	return s.out.Show(v)
}

// only is where the server stands that is asked for, or the only one.
func (r *serverRoll) only(args []string) (int, error) {
	if len(args) == 1 {
		return r.find(args[0])
	}
	if len(r.servers) == 1 {
		return 0, nil
	}
	var names []string
	for _, s := range r.servers {
		names = append(names, s.Name)
	}
	return 0, withHint(usagef("server info: names no server, and there are %d", len(names)), "name one: %s", strings.Join(names, ", "))
}

// infoView is what a server runs with.
type infoView struct {
	resolver.Details
	SystemName string         `json:"system_account_name"` // in the store; empty if it does not know it
	Resolver   resolver.Kind  `json:"resolver"`
	Standing   serverStanding `json:"trust"`
}

// Text implements [render.View].
func (v infoView) Text(t *render.Text) {
	fields := [][2]string{{"Name", v.Name}, {"ID", v.ID}, {"Version", v.Version + ", " + v.Go}}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, [2]string{name, value})
		}
	}
	add("Cluster", v.Cluster)
	for _, l := range v.Listen {
		add("Listens for "+l.For, net.JoinHostPort(l.Host, strconv.Itoa(l.Port)))
	}
	add("Connect URLs", strings.Join(v.ConnectURLs, ", "))
	add("TLS required", yesNo(v.TLS))
	for _, o := range v.Operators {
		add("Trusted operator", fmt.Sprintf("%s (%s)", o.Name, o.Subject))
	}
	if len(v.Operators) == 0 {
		add("Trusted operator", "none told")
	}
	add("Operator as it is here", v.trust())
	add("System account", named(v.SystemName, v.SystemAccount))
	add("Resolver", resolverName(v.Resolver))
	add("JetStream", yesNo(v.JetStream))
	add("Most connections", strconv.Itoa(v.MaxConns))
	add("Largest payload", bytesOf(v.MaxPayload))
	add("Tags", strings.Join(v.Tags, ", "))
	add("Started", render.Time(v.Start.Unix()).String())
	add("Configuration read", render.Time(v.ConfigLoaded.Unix()).String())
	t.Fields("Server", fields)
}

func (v infoView) trust() string {
	if v.Standing.Problem != "" {
		return "no: " + v.Standing.Problem
	}
	if len(v.Operators) == 0 {
		return ""
	}
	if !v.Standing.Current {
		return "an older or newer version, with the same keys"
	}
	return "yes"
}

// named is an account by its name in the store, with its key.
func named(name, public string) string {
	switch {
	case public == "":
		return "none"
	case name == "":
		return public + ", not in the store"
	}
	return name + " (" + public + ")"
}
