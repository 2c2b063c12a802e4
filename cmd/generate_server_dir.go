package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateServerDir struct {
	generateConfig
	dir render.ServerDir
}

func newGenerateServerDir(a *app) *cobra.Command {
	o := &generateServerDir{generateConfig: generateConfig{app: a}}
	c := &cobra.Command{
		Use:   "server-dir DIR",
		Short: "Generate a directory from which a nats-server can be run",
		Long: `Generate a directory from which a nats-server that trusts the current operator can
be run as it is: server.conf with a full resolver, its directory with the tokens of
all accounts, the operator's token, a unit for systemd and a file for Compose. It
holds no seed. Accounts that change later are pushed to the server.

A directory that is there already has to be empty, unless with --force.`,
		Example: `  nkeep generate server-dir ./server && cd server && nats-server -c server.conf
  nkeep generate server-dir ./server && docker compose --project-directory server up
  nkeep generate server-dir ./server --listen 127.0.0.1:4222 --force`,
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return withHint(usagef("%s: needs one directory", commandName(c)), "for example:%s", firstExample(c))
		}
		o.dir.Path = a.path(args[0])
		return nil
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return o.run(c.Context()) }
	f := c.Flags()
	f.StringVar(&o.conf.Listen, "listen", "0.0.0.0:4222", "host:port for clients")
	f.BoolVar(&o.dir.JetStream, "jetstream", true, "turn JetStream on")
	o.bindSystem(c)
	f.BoolVarP(&o.force, "force", "F", false, "write into a directory that is not empty, and replace files")
	return c
}

// serverDirView says what was written, and what to do with it.
type serverDirView struct {
	Dir      string `json:"dir"`
	Accounts int    `json:"accounts"`
}

// Text implements [render.View].
func (v serverDirView) Text(t *render.Text) {
	t.Linef("wrote %s, with %s", v.Dir, plural(v.Accounts, "account"))
	t.Linef("start it there with: nats-server -c server.conf")
}

func (o *generateServerDir) run(ctx context.Context) error {
	if err := o.refuseFull(); err != nil {
		return err
	}
	_, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	o.full = true
	if err := o.fill(ctx, op); err != nil {
		return err
	}
	if o.conf.Accounts, err = op.allAccounts(ctx); err != nil {
		return err
	}
	o.dir.Config = o.conf
	if err := o.dir.Check(); err != nil {
		return usageError{err}
	}
	if err := o.dir.Write(o.force); err != nil {
		return hintIf(err, fs.ErrExist, "replace files that are there with --force")
	}
	return o.out.Show(serverDirView{o.dir.Path, len(o.conf.Accounts)})
}

// refuseFull refuses a directory that holds something, unless that is wanted.
func (o *generateServerDir) refuseFull() error {
	entries, err := os.ReadDir(o.dir.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("directory %q: %w", o.dir.Path, bare(err))
	case len(entries) > 0 && !o.force:
		return withHint(presentError(fmt.Sprintf("directory %q: is not empty", o.dir.Path)), "write into it with --force")
	}
	return nil
}
