package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

// verifyBelow is the number of accounts up to which a push asks the servers
// afterwards what is in force.
const verifyBelow = 100

type push struct {
	*app
	online  onlineFlags
	account string
	all     bool
	force   bool
}

func newPush(a *app) *cobra.Command {
	o := &push{app: a}
	c := &cobra.Command{
		Use:   "push",
		Short: "Push accounts to running servers",
		Long: `Push the current account, a named one or all to every server that can be reached,
over the system account, and report what each server did. Up to 100 accounts are
verified afterwards: each server is asked what is in force there.

It logs in as a temporary user that may push and nothing else; it is signed by
the system account, and never stored.

Exit code 5 means that some server refused or missed an account, 1 that none took any.`,
		Example: `  nkeep push
  nkeep push -A -u nats://localhost:4222
  nkeep push -a ORDERS --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&o.account, "account", "a", "", "account to push, by name or public key")
	f.BoolVarP(&o.all, "all", "A", false, "push all accounts")
	o.online.bindURL(f, "account-jwt-server-url", "u")
	f.BoolVarP(&o.force, "force", "F", false, "push accounts that do not check out here; servers judge for themselves")
	o.online.bind(a, c)
	exclusive(c, "account", "all")
	a.completeAccounts(c, "account")
	return c
}

func (o *push) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	if _, err := o.online.target(w, op); err != nil {
		return err
	}
	accounts, names, err := o.accounts(w, op)
	if err != nil {
		return err
	}
	pub, sub := pushPermissions(accounts)
	conn, err := o.online.dial(ctx, w, op, errand{client: "nkeep push", doing: "pushing to", pub: pub, sub: sub})
	if err != nil {
		return err
	}
	defer conn.Close()
	v, err := o.push(ctx, conn, accounts, names)
	if err != nil {
		return err
	}
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}

// accounts loads what is to be pushed, and the names of the accounts.
func (o *push) accounts(w *workspace, op *operator) (accounts []resolver.Account, names map[string]string, err error) {
	selected, err := o.selected(w, op)
	if err != nil {
		return nil, nil, err
	}
	names = map[string]string{}
	for _, name := range selected {
		ac, err := o.load(op, name)
		if err != nil {
			return nil, nil, err
		}
		accounts = append(accounts, resolver.Account{ID: ac.claims.Subject, Token: ac.token})
		names[ac.claims.Subject] = name
	}
	return accounts, names, nil
}

func (o *push) selected(w *workspace, op *operator) ([]string, error) {
	if !o.all {
		name, err := w.accountName(op.store, o.account)
		return []string{name}, err
	}
	items, err := op.store.Accounts()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(items))
	for _, it := range items {
		names = append(names, it.Name)
	}
	if len(names) == 0 {
		return nil, withHint(fmt.Errorf("operator %q: has no account to push", op.store.Name), "add one with: nkeep add account NAME")
	}
	return names, nil
}

// load refuses an account that does not check out, unless it is forced to go out.
func (o *push) load(op *operator, name string) (*account, error) {
	ac, err := op.readAccount(name) // check tells whether it is in force
	if err == nil {
		err = o.check(ac)
	}
	switch {
	case err == nil:
		return ac, nil
	case !o.force:
		return nil, withHint(err, "nothing was pushed; push it nevertheless with --force")
	}
	o.out.Warnf("%v", err)
	return op.unverifiedAccount(name)
}

// check refuses what a server would refuse, or take and never use.
func (o *push) check(ac *account) error {
	for _, issue := range claims.Check(ac.claims, o.env.Now()) {
		switch issue.Level {
		case claims.LevelError, claims.LevelExpired, claims.LevelNotYetValid:
			return fmt.Errorf("account %q: %s", ac.name, issue.Text)
		case claims.LevelWarning:
			o.out.Warnf("account %q: %s", ac.name, issue.Text)
		}
	}
	return nil
}

func pushPermissions(accounts []resolver.Account) (pub, sub []string) {
	var ids []string
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return resolver.PushPermissions(ids...)
}

// push sends the accounts, and verifies a few of them.
func (o *push) push(ctx context.Context, conn *resolver.Conn, accounts []resolver.Account, names map[string]string) (pushView, error) {
	roll, err := conn.RollCall(ctx)
	if err != nil {
		return pushView{}, err
	}
	bar := o.out.Progress(len(accounts)*len(roll.Servers), "pushing accounts")
	defer bar.Done()
	v := pushView{URL: conn.URL(), names: names, Servers: roll.Servers, Missing: roll.Missing}
	send, what := conn.Push, "taken by every server"
	options := resolver.PushOptions{Expect: roll.Servers, OnResult: func(r resolver.Result) {
		bar.Add(1)
		v.add(r)
	}}
	v.Summary, err = send(ctx, accounts, options)
	if errors.Is(err, resolver.ErrNoResolver) {
		what = "in force where it was in use already, until the server restarts: its memory or URL resolver keeps accounts elsewhere"
		v.Summary, err = conn.UpdateLoaded(ctx, accounts, options)
	}
	if err != nil {
		return v, err
	}
	if v.Meaning = what; !v.Summary.All() {
		v.Meaning = "not taken everywhere"
	}
	if len(accounts) < verifyBelow {
		err = v.verify(ctx, conn, accounts, roll.Servers)
	}
	v.sort()
	return v, err
}
