package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"nkeep/render"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type generateConfig struct {
	*app
	memory, full, cache bool
	nkey                bool
	conf                render.ServerConfig
	sysAccount          string
	output              string
	dir                 string
	force               bool
}

func newGenerateConfig(a *app) *cobra.Command {
	o := &generateConfig{app: a}
	c := &cobra.Command{
		Use:   "config",
		Short: "Generate the configuration of a nats-server",
		Long: `Generate what a nats-server needs to trust the current operator, for one of four
resolvers: full keeps all accounts in a directory and takes pushes; cache keeps
those in use; memory holds those that are in the file; the URL resolver asks an
account server.

With --nkey the server knows accounts and users by itself: users log in with their
nkeys, and there are neither tokens nor an operator. What a configuration cannot
say, such as the time when a user expires, is told as a warning.

With --listen and the directories the file is complete as it stands. It is valid
YAML, too, so that it can be pasted into Helm values.`,
		Example: `  nkeep generate config --nats-resolver --listen 127.0.0.1:4222 --jetstream-dir ./js --config-file server.conf
  nkeep generate config --mem-resolver
  nkeep generate config --mem-resolver --dir ./conf
  nkeep generate config --nkey --config-file server.conf
  nkeep generate config --url-resolver http://localhost:9090/jwt/v1/accounts/`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.BoolVar(&o.memory, "mem-resolver", false, "memory resolver, with all accounts in the file")
	f.BoolVar(&o.full, "nats-resolver", false, "full resolver, which takes pushes")
	f.BoolVar(&o.cache, "nats-resolver-cache", false, "cache resolver, beside servers that have a full one")
	f.StringVar(&o.conf.URL, "url-resolver", "", "URL resolver: the account server's URL")
	f.BoolVar(&o.nkey, "nkey", false, "no resolver: accounts, and users by their nkeys, in the file")
	o.bindSystem(c)
	f.StringVar(&o.conf.Listen, "listen", "", "host:port for clients")
	f.StringVar(&o.conf.JetStreamDir, "jetstream-dir", "", "turn JetStream on, and store in this directory")
	f.StringVar(&o.conf.ResolverDir, "resolver-dir", "", `directory of the full or cache resolver (default "./jwt")`)
	f.StringVar(&o.output, "config-file", "--", "write to this file; -- is stdout")
	f.StringVar(&o.dir, "dir", "", "memory resolver: write the configuration and all tokens into this directory")
	f.BoolVarP(&o.force, "force", "F", false, "replace existing files")
	exclusive(c, "mem-resolver", "nats-resolver", "nats-resolver-cache", "url-resolver", "nkey")
	oneRequired(c, "mem-resolver", "nats-resolver", "nats-resolver-cache", "url-resolver", "nkey")
	exclusive(c, "dir", "config-file")
	return c
}

// bindSystem binds which system account the servers have, and what it may do.
func (o *generateConfig) bindSystem(c *cobra.Command) {
	c.Flags().StringVar(&o.sysAccount, "sys-account", "", "system account, by name or public key, if not the operator's")
	c.Flags().BoolVar(&o.conf.AllowDelete, "allow-delete", false, "full resolver: let the system account delete accounts")
	o.completeAccounts(c, "sys-account")
}

// configView is a server configuration, asked for on stdout.
type configView struct {
	Resolver render.ResolverKind `json:"resolver"`
	Config   string              `json:"config"`
}

// Text implements [render.View].
func (v configView) Text(t *render.Text) { t.Verbatim(v.Config) }

func (o *generateConfig) run(ctx context.Context) error {
	if o.dir != "" && !o.memory {
		return usagef("--dir: goes with --mem-resolver")
	}
	_, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	if o.nkey {
		return o.runNkey(ctx, op)
	}
	if err := o.fill(ctx, op); err != nil {
		return err
	}
	data, err := o.conf.Encode()
	if err != nil {
		return usageError{err}
	}
	if o.dir != "" {
		return o.deliverDir(data)
	}
	return o.deliver(configView{o.conf.Resolver, string(data)})
}

func (o *generateConfig) deliver(v configView) error {
	if o.output == onStdout {
		return o.out.Show(v)
	}
	err := o.deliverFile(o.output, []byte(v.Config), 0o600, o.force)
	return hintIf(err, fs.ErrExist, "replace it with --force")
}

func (o *generateConfig) fill(ctx context.Context, op *operator) (err error) {
	o.conf.Resolver = o.resolver()
	if o.conf.ResolverDir != "" && !o.full && !o.cache {
		return usagef("--resolver-dir: goes with a full or cache resolver")
	}
	if o.conf.URL != "" && !strings.HasSuffix(strings.TrimSuffix(o.conf.URL, "/"), "/accounts") {
		o.out.Warnf("URL %q: account servers serve accounts below …/jwt/v1/accounts/", o.conf.URL)
	}
	o.conf.Operator = render.NamedToken{Name: op.store.Name, ID: op.claims.Subject, JWT: op.token}
	if o.conf.System, err = o.system(op); err != nil {
		return err
	}
	if o.memory {
		o.conf.Accounts, err = op.allAccounts(ctx)
	}
	return err
}

func (o *generateConfig) resolver() render.ResolverKind {
	switch {
	case o.memory:
		return render.ResolverMemory
	case o.full:
		return render.ResolverFull
	case o.cache:
		return render.ResolverCache
	}
	return render.ResolverURL
}

// system is the system account; only the full and cache resolvers cannot do without.
func (o *generateConfig) system(op *operator) (render.NamedToken, error) {
	key := op.claims.SystemAccount
	if o.sysAccount != "" {
		key = o.sysAccount
	}
	if key == "" {
		if o.full || o.cache {
			return render.NamedToken{}, errNoSystemAccount(op)
		}
		return render.NamedToken{}, nil
	}
	name, err := findAccount(op.store, key)
	if err != nil {
		return render.NamedToken{}, fmt.Errorf("system account: %w", err)
	}
	ac, err := op.account(name)
	if err != nil {
		return render.NamedToken{}, fmt.Errorf("system account: %w", err)
	}
	if nkeys.IsValidPublicAccountKey(op.claims.SystemAccount) && ac.claims.Subject != op.claims.SystemAccount {
		o.out.Warnf("the operator names another system account, %s: servers refuse a configuration that disagrees with it", op.claims.SystemAccount)
	}
	return render.NamedToken{Name: ac.name, ID: ac.claims.Subject, JWT: ac.token}, nil
}

// allAccounts loads and verifies every account, on all cores. One that cannot
// be used is an error: a configuration that silently lacks it locks its users out.
func (op *operator) allAccounts(ctx context.Context) ([]render.NamedToken, error) {
	names, err := op.store.AccountNames()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, withHint(missingf("operator %q: has no account", op.store.Name), "add one with: nkeep add account NAME")
	}
	out, accounts := make([]render.NamedToken, len(names)), make([]*account, len(names))
	err = inParallel(ctx, len(names), func(i int) error {
		ac, err := op.readAccount(names[i])
		if err == nil {
			accounts[i], out[i] = ac, render.NamedToken{Name: names[i], ID: ac.claims.Subject, JWT: ac.token}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	op.app.warnStandingOf(accounts)
	return out, nil
}
