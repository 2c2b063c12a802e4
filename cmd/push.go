package cmd

import (
	"context"

	"nkeep/resolver"

	"github.com/spf13/cobra"
)

type push struct {
	*app
	pushing
	account string
	all     bool
	roll    bool
	diff    bool
	remove  removal
}

func newPush(a *app) *cobra.Command {
	o := &push{app: a, pushing: pushing{app: a}}
	o.remove = removal{app: a, online: &o.online}
	c := &cobra.Command{
		Use:   "push",
		Short: "Push accounts to running servers",
		Long: `Push the current account, a named one or all to every server that can be reached,
and report what each server did: stored, unchanged, skipped, rejected and why, or
silent. Servers that missed something and are back get it once more.

Of fewer than 100 accounts each server is asked afterwards what is in force there:
one that takes an account may still refuse to use it. --verify does so for any
number, and --verify=false for none.

--changed pushes only accounts that some server has otherwise than they are here.
--expect says which servers there have to be, by name, or how many: others cannot
tell of one that was stopped before.

It logs in as a temporary user that may push and nothing else; it is signed by
the system account, and never stored.

Servers with a memory or a URL resolver keep accounts elsewhere: they take what is
in use there already, until they restart. Their configuration, or what the URL
serves, has to change as well. An account server is pushed to by its URL, http://
or https://.

--prune deletes accounts on all servers that are not here, --account-removal one that
is named; both ask first. Their clients are cut off at once. Afterwards servers are
asked what is left: one that is away, or whose configuration does not allow deletion,
keeps its copy, and gives it back to the others. The system account is never deleted.

With --json results come one by one, a line each, and a summary at the end; what
comes after a push of --all has a line of its own behind that.
Exit code 5 means that some server refused or missed an account, or has another in
force, 1 that none took any.`,
		Example: `  nkeep push
  nkeep push -A --changed -u nats://localhost:4222
  nkeep push -a ORDERS --json
  nkeep push -A -u https://accounts.example.com/jwt/v1
  nkeep push --roll-call`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.route(c.Context())
		},
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "account to push")
	f.BoolVarP(&o.all, "all", "A", false, "push all accounts")
	f.BoolVarP(&o.force, "force", "F", false, "push accounts that do not check out here: servers judge for themselves; with --prune or --account-removal: do not ask")
	f.BoolVar(&o.changed, "changed", false, "push only what servers have otherwise")
	bindBool(f, &o.verify, "verify", "ask servers what is in force afterwards (default: of fewer than 100 accounts)")
	o.online.bindExpect(f)
	f.BoolVarP(&o.diff, "diff", "D", false, "compare, as nkeep diff does; with --all after the push")
	f.BoolVarP(&o.remove.prune, "prune", "P", false, "delete accounts on servers that are not here; with --all after the push")
	f.StringArrayVarP(&o.remove.named, "account-removal", "R", nil, "delete an account on servers, by name or public key; with --all after the push")
	f.BoolVar(&o.remove.purge, "purge-jetstream", false, "with --prune or --account-removal: delete the streams of the accounts, too")
	f.BoolVar(&o.roll, "roll-call", false, "show what each server is, and push nothing")
	o.online.bindURL(f, "account-jwt-server-url", "u")
	o.online.bind(a, c)
	exclusive(c, "account", "all", "roll-call")
	for _, name := range []string{"account", "roll-call"} {
		exclusive(c, name, "diff", "prune", "account-removal")
	}
	a.completeAccounts(c, "account-removal")
	return c
}

// route leads to what is asked for. What is not a push itself comes after one of all
// accounts, if --all is given.
func (o *push) route(ctx context.Context) error {
	o.remove.force = o.force
	switch {
	case o.roll:
		return o.callRoll(ctx)
	case o.remove.purge && !o.remove.wanted():
		return usagef("--purge-jetstream: goes with --prune or --account-removal")
	case !o.diff && !o.remove.wanted():
		return o.run(ctx)
	}
	if o.all {
		if err := o.run(ctx); err != nil {
			return err
		}
	}
	if o.diff {
		d := diff{gathering: gathering{app: o.app, online: o.online, all: true}, after: o.all}
		return d.run(ctx)
	}
	o.remove.after = o.all
	return o.remove.run(ctx)
}

func (o *push) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	if _, err := o.online.target(w, op); err != nil {
		return err
	}
	list, err := o.selected(ctx, w, op)
	if err != nil {
		return err
	}
	lines := &pushLines{app: o.app}
	if o.flags.json {
		o.told = lines.tell
	}
	v, err := o.push(ctx, w, op, list)
	if err != nil {
		return err
	}
	if o.flags.json {
		return lines.end(v)
	}
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}

// selected are the accounts to push, not judged yet.
func (o *push) selected(ctx context.Context, w *workspace, op *operator) ([]*outgoing, error) {
	if o.all {
		return w.allOutgoing(ctx, op)
	}
	name, err := w.accountName(op.store, o.account)
	if err != nil {
		return nil, err
	}
	one, err := op.outgoing(name)
	return []*outgoing{one}, err
}

// callRoll shows what servers are. Whether they delete accounts is found out by a
// request to delete none, which nobody signed whom they trust.
func (o *push) callRoll(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	pub, sub := resolver.PushPermissions()
	deletePub, _ := resolver.DeletePermissions()
	conn, err := o.online.dial(ctx, w, op, errand{client: "nkeep roll call", doing: "calling the roll of", pub: append(pub, deletePub...), sub: sub})
	if err != nil {
		return err
	}
	defer conn.Close()
	probe, err := o.deletionProbe()
	if err != nil {
		return err
	}
	v, err := o.pushing.callRoll(ctx, conn, op, resolver.SurveyOptions{Account: op.claims.SystemAccount, Deletion: probe})
	if err != nil {
		return err
	}
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}
