package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

type pull struct {
	gathering
	overwrite bool
	prune     bool
	rebuild   bool
	force     bool
}

func newPull(a *app) *cobra.Command {
	o := &pull{gathering: gathering{app: a}}
	c := &cobra.Command{
		Use:   "pull",
		Short: "Bring accounts from running servers into the store",
		Long: `Bring the current account, a named one or all from the servers into the store, in
one change. Every server is asked, and the newest copy counts. Accounts that are
not known here are added.

Only what a key of this operator signed is stored. An account that is newer here
stays as it is, unless --overwrite-newer is given; one whose name another account
has is told of, and never replaces it. The operator's own token is compared and,
where the operator is managed elsewhere, brought up to date.

From an HTTP account server, which cannot tell what it has, come the accounts that
are known here. --prune-local deletes accounts here that no server has; their seeds
and creds stay. --rebuild makes a store that is lost anew from the servers and the
creds in the keystore, logging in with --creds or --context.

--expect says which servers there have to be, by name, or how many: others go on
counting one that crashed for minutes, and twice after it came back.

Exit code 5 means that something was refused, or could not be read, or that a server
did not answer.`,
		Example: `  nkeep pull -A
  nkeep pull -a ORDERS -u nats://localhost:4222
  nkeep pull --rebuild -u nats://localhost:4222 --creds sys.creds`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.rebuild {
				return o.runRebuild(c.Context())
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "account to pull")
	f.BoolVarP(&o.all, "all", "A", false, "pull all accounts")
	f.BoolVarP(&o.overwrite, "overwrite-newer", "F", false, "take what servers have in place of what is newer here")
	f.BoolVar(&o.prune, "prune-local", false, "with --all: delete accounts here that no server has")
	f.BoolVar(&o.rebuild, "rebuild", false, "make a lost store anew from servers and creds")
	f.BoolVar(&o.force, "force", false, "with --prune-local: do not ask")
	o.online.bindExpect(f)
	o.online.bindURL(f, "url", "u")
	o.online.bind(a, c)
	exclusive(c, "account", "all")
	for _, name := range []string{"account", "overwrite-newer", "prune-local"} {
		exclusive(c, "rebuild", name)
	}
	return c
}

func (o *pull) run(ctx context.Context) error {
	if err := o.checkForm(); err != nil {
		return err
	}
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	target, err := o.online.target(w, op)
	if err != nil {
		return err
	}
	h, err := o.begin(ctx, w, op)
	if err != nil {
		return err
	}
	if isHTTP(target) {
		err = o.fetch(ctx, h, "pulling from", target)
	} else {
		err = o.fromServers(ctx, w, h)
	}
	if err != nil {
		return err
	}
	going, err := o.toPrune(ctx, h)
	if err != nil {
		return err
	}
	v := newPullView(redactURLs(target), h)
	err = w.update(ctx, func(c *change) error { return o.stage(c, h, going, v) })
	if err != nil {
		return err
	}
	return o.show(v)
}

func (o *pull) checkForm() error {
	switch {
	case o.prune && !o.all:
		return withHint(usagef("--prune-local: goes with --all"), "see: nkeep pull --help")
	case o.force && !o.prune:
		return withHint(usagef("--force: goes with --prune-local"), "what is newer here is replaced with --overwrite-newer")
	}
	return nil
}

func (o *pull) show(v *pullView) error {
	v.sort()
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}

// fromServers asks every server what it has, and which operator it trusts.
func (o *pull) fromServers(ctx context.Context, w *workspace, h *harvest) error {
	conn, err := o.visit(ctx, w, h, "nkeep pull", "pulling from")
	if err != nil {
		return err
	}
	defer conn.Close()
	return h.readAccounts(ctx, conn)
}
