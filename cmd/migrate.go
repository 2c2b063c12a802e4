package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

type migrate struct {
	*app
	source, dir string
	force       bool
}

func newMigrate(a *app) *cobra.Command {
	o := &migrate{app: a}
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Copy accounts and their users from another operator",
		Long: `Copy accounts with their users from another operator into the current one, all of
them in one change: those of an operator's directory, or a single one whose token
is in a file or at a URL. The users of a file that lies in a store come along.
Accounts keep their identity, and are signed by the current operator; where he is
managed elsewhere, they sign themselves until he does.

A key of each account has to be in the keystore. Creds are written for users whose
seed is there, too. Nothing is removed from where the accounts come from. If both
operators have a system account, that of the other stays where it is.`,
		Example: `  nkeep migrate --operator-dir ~/old/stores/ACME
  nkeep migrate --url ~/old/stores/ACME/accounts/ORDERS/ORDERS.jwt`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&o.source, "url", "u", "", "file or URL of the token of an account")
	f.StringVar(&o.dir, "operator-dir", "", "directory of an operator, in its store")
	f.BoolVarP(&o.force, "force", "F", false, "replace accounts and users of the same name and identity, and take what servers would refuse")
	exclusive(c, "url", "operator-dir")
	oneRequired(c, "url", "operator-dir")
	return c
}

func (o *migrate) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var from *origin
	if o.dir != "" {
		from, err = o.fromStore(ctx, o.path(o.dir))
	} else {
		from, err = o.fromSource(ctx, o.source)
	}
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		done, err = o.stage(ctx, c, from)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "replace what is there with --force")
	}
	o.advise(done)
	return o.out.Show(report{Entities: done})
}

// stage copies accounts, each followed by its users.
func (o *migrate) stage(ctx context.Context, c *change, from *origin) ([]entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return nil, err
	}
	if from.file != "" && sameFile(from.file, op.store.OperatorPath()) {
		return nil, usagef("migrate: operator %q: is the current one, into which accounts would be copied", op.store.Name)
	}
	var publics []string
	for _, m := range from.accounts {
		publics = append(publics, m.claims.Subject)
	}
	known, err := op.store.AccountsByKey(publics...)
	if err != nil {
		return nil, err
	}
	var done []entity
	for _, m := range from.accounts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if op.claims.SystemAccount != "" && m.claims.Subject == from.system {
			o.out.Warnf("account %q: is not copied: it is the system account there, and operator %q has one", m.name, op.store.Name)
			continue
		}
		e, err := o.stageAccount(c, op, m, known)
		if err != nil {
			return nil, err
		}
		users, err := o.stageUsers(c, op, m)
		if err != nil {
			return nil, err
		}
		done = append(append(done, e), users...)
	}
	return done, nil
}

func (o *migrate) stageAccount(c *change, op *operator, m migrant, known map[string]string) (entity, error) {
	if !c.w.hasAny(append(m.claims.SigningKeys.Keys(), m.claims.Subject)) {
		return entity{}, withHint(fmt.Errorf("account %q: none of its keys is in the keystore: %w", m.name, fs.ErrNotExist), "bring its seeds with: nkeep import keys -d DIR")
	}
	reissued, err := o.sign(c, op, m)
	if err != nil {
		return entity{}, err
	}
	of := op.chain()
	if err := o.weigh(m.claims, of.AccountIssues(m.claims), o.force, "--force copies it nevertheless"); err != nil {
		return entity{}, err
	}
	return c.stageArrival(op, arrivedAccount{m.account, reissued}, known, o.force)
}

// sign makes the account one of the operator. In a managed store it signs itself,
// with its identity or else a plain signing key.
func (o *migrate) sign(c *change, op *operator, m migrant) ([]claims.Change, error) {
	if !op.store.Managed {
		return c.adopt(op, m.account, true)
	}
	if _, err := claims.VerifyAccount(m.token, op.claims, true); err == nil {
		return nil, nil
	}
	own, _ := claims.UserSigners(op.claims, m.claims)
	return c.resign(m.account, choice{what: fmt.Sprintf("account %q", m.name), candidates: own})
}

func (o *migrate) stageUsers(c *change, op *operator, m migrant) ([]entity, error) {
	var publics []string
	for _, u := range m.users {
		publics = append(publics, u.claims.Subject)
	}
	known, err := op.store.UsersByKey(m.name, publics...)
	if err != nil {
		return nil, err
	}
	of := op.chain()
	var done []entity
	for _, u := range m.users {
		if err := admit(u.claims, ""); err != nil {
			return nil, err
		}
		if err := o.weigh(u.claims, of.UserIssues(u.claims, m.claims), o.force, "--force copies it nevertheless"); err != nil {
			return nil, err
		}
		e, err := c.stageArrivedUser(op, m.account, arrivedUser{user: u}, known, o.force)
		if err != nil {
			return nil, err
		}
		e.Changes = explicit(e.Changes)
		done = append(done, e)
	}
	return done, nil
}

// advise says what is left to do.
func (o *migrate) advise(done []entity) {
	issued, users := map[string]int{}, []entity{}
	for _, e := range done {
		if e.Kind == jwtstore.KindUser {
			users = append(users, e)
		} else if e.changesIssuer() {
			issued[e.Issuer]++
		}
	}
	for issuer, n := range issued {
		o.out.Notef("issued by %s from now on: %s", issuer, plural(n, "account"))
	}
	if names := withoutSeed(users); len(names) > 0 {
		o.out.Notef("users that have no creds file, for their seeds are not stored: %s", firstOf(names, 5))
	}
	o.out.Notef("servers of this operator learn of it with: nkeep push -A")
}
