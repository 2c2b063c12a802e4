package cmd

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"runtime/debug"

	"nkeep/accountserver"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

// serveClientName is by what the connections of nkeep serve are known to servers.
const serveClientName = "nkeep serve"

// serveGCPercent makes more of memory than of time: it runs for long, and
// beside others.
const serveGCPercent = 50

type serve struct {
	*app
	online      onlineFlags
	operator    string
	listen      string
	write       bool
	connections int
	level       slog.Level
	tls         serveTLS
}

func newServe(a *app) *cobra.Command {
	o := &serve{app: a}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Vend accounts over HTTP to nats-servers with a URL resolver",
		Long: `Answer nats-servers that are configured with "resolver: URL(…/jwt/v1/accounts/)",
and whoever else asks, out of the store of the current operator, until Ctrl-C.
What others change there is served at once. Nothing goes out, or comes in, that
the operator did not sign. No key is opened.

It is read-only unless --write is given: then accounts and activations can be
posted, as push -u http://… does it. An older token never replaces a newer one.

With --nats it logs in to the system account as --creds or --context say, tells
servers at once of accounts that change, and answers the requests for accounts
that servers make of each other.

The page at / shows the accounts, /jwt/v1/help what can be asked for, /metrics
counters for Prometheus, /healthz and /readyz whether it runs and can answer. The
log is on stderr, with --json as JSON Lines.`,
		Example: `  nkeep serve
  nkeep serve --listen 0.0.0.0:9090 --nats nats://localhost:4222 --creds sys.creds
  nkeep serve --write --tls-cert cert.pem --tls-key key.pem --tls-client-ca ca.pem`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&o.operator, "operator", "o", "", "operator to serve, if not the current one")
	f.StringVar(&o.listen, "listen", "127.0.0.1:9090", "host:port to listen on")
	f.BoolVar(&o.write, "write", false, "take accounts and activations that are posted or pushed")
	f.IntVar(&o.connections, "max-connections", 1000, "most connections at a time")
	f.TextVar(&o.level, "log-level", slog.LevelInfo, "least level to log: DEBUG, INFO, WARN, ERROR")
	o.tls.bind(f)
	o.online.bindURL(f, "nats", "")
	o.online.bindLogin(a, c, f)
	a.completeFlag(c, "operator", operatorNames)
	return c
}

func (o *serve) run(ctx context.Context) error {
	w, store, err := o.openStore(ctx, o.operator)
	if err != nil {
		return err
	}
	if o.connections < 1 {
		return usagef("--max-connections: must be 1 at least")
	}
	if o.getenv("GOGC") == "" {
		debug.SetGCPercent(serveGCPercent)
	}
	log := o.logger()
	certs, err := o.tls.certificates(log)
	if err != nil {
		return err
	}
	s, err := accountserver.New(accountserver.Options{Root: w.root, Operator: store.Name, Write: o.write, Certificates: certs, Now: o.env.Now, Log: log})
	if err != nil {
		return err
	}
	bridge, err := o.bridge(ctx, w, s)
	if err != nil {
		return err
	}
	l, err := listenOn(ctx, o.listen)
	if err != nil {
		return err
	}
	v := serveView{
		Operator: store.Name, Accounts: s.Accounts(), Write: o.write, Address: l.Addr().String(),
		URL: o.tls.scheme() + "://" + reachable(l.Addr()) + "/jwt/v1",
	}
	if err := o.out.ShowLine(v); err != nil {
		_ = l.Close() // nothing was served
		return err
	}
	return s.Run(ctx, l, o.connections, bridge)
}

// bridge is the way to the nats-servers, nil when none is asked for.
func (o *serve) bridge(ctx context.Context, w *workspace, s *accountserver.Server) (*accountserver.Bridge, error) {
	if o.online.url == "" && o.online.context == "" {
		if o.online.creds != "" {
			return nil, usagef("--creds: goes with --nats or --context only")
		}
		return nil, nil
	}
	id, ok, err := o.online.named(ctx, w)
	if err == nil && !ok {
		err = withHint(usagef("--nats: needs to know whom to log in as"), "give the creds of a user of the system account with --creds: nkeep generate creds -a SYS -n sys -o sys.creds")
	}
	if err != nil {
		return nil, err
	}
	target := o.online.url
	if target == "" {
		target = o.online.nats.URL
	}
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	options := o.online.options(o.app, target, serveClientName, id)
	options.NoEcho = true // what it tells servers of is not news to itself
	return s.NewBridge(func(ctx context.Context) (*resolver.Conn, error) { return resolver.Dial(ctx, options) }), nil
}

func (o *serve) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: o.level}
	out := redactor{o.env.Stderr}
	if o.flags.json {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// reachable is an address as somebody on this machine reaches it.
func reachable(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return address.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// serveView is what people need to know of a server that has started.
type serveView struct {
	Operator string `json:"operator"`
	Accounts int    `json:"accounts"`
	Write    bool   `json:"write"`
	Address  string `json:"address"`
	URL      string `json:"url"` // base of the paths
}

// Text implements [render.View].
func (v serveView) Text(t *render.Text) {
	access := "read-only"
	if v.Write {
		access = "takes tokens that the operator signed"
	}
	page, _ := url.JoinPath(v.URL, "..", "..", "/")
	t.Linef("serving %s of operator %q, %s", plural(v.Accounts, "account"), v.Operator, access)
	t.Linef("  base URL    %s", v.URL)
	t.Linef("  page        %s", page)
	t.Linef("  resolver    URL(%s/accounts/)", v.URL)
}
