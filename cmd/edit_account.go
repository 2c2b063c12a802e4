package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type editAccount struct {
	*app
	name      string
	edit      claims.AccountEdit
	jsEnable  *int
	rmTier    *int
	jsDisable bool
	force     bool
}

func newEditAccount(a *app) *cobra.Command {
	o := &editAccount{app: a}
	c := &cobra.Command{
		Use:   "account [NAME]",
		Short: "Change an account",
		Long: `Change an account and sign it again, with the key that issued it. What changed
is printed; when nothing does, nothing is signed, unless --private-key names the
key to sign with from now on. Values that are not named stay as they are. Push the
account to make a change effective on running servers.`,
		Example: `  nkeep edit account ORDERS --conns 100 --payload 1MiB
  nkeep edit account ORDERS --js-tier 3 --js-disk-storage 10GiB --js-streams 20
  nkeep edit account ORDERS --sk generate --tag prod`,
		RunE: func(c *cobra.Command, _ []string) error {
			o.edit.JetStream.Enable, o.edit.JetStream.RemoveTier, o.edit.JetStream.Disable = o.jsEnable, o.rmTier, o.jsDisable
			if o.edit.Empty() && a.flags.privateKey == "" && !givenNothing(c) {
				return nothingToEdit(c)
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "account to change, by name or public key")
	f := c.Flags()
	bindList(f, &o.edit.SigningKeys, "sk", "", "signing keys: public keys, seeds, files that hold one, or generate; to remove one its role does, too")
	bindList(f, &o.edit.Tags, "tag", "", "tags")
	f.BoolVar(&o.force, "force", false, "remove signing keys that have issued users or activations, too")
	a.bindTimes(f, &o.edit.Times)
	bindAccountLimits(f, &o.edit)
	bindPermissions(f, &o.edit.DefaultPermissions)
	bindPermissionRemoval(f, &o.edit.DefaultPermissions)
	f.Var(optional[int]{&o.jsEnable, parseTier, "int"}, "js-enable", "turn JetStream on for a tier, without limits")
	f.Var(optional[int]{&o.rmTier, parseTier, "int"}, "rm-js-tier", "remove the limits of a tier")
	f.BoolVar(&o.jsDisable, "js-disable", false, "turn JetStream off")
	bindString(f, &o.edit.Trace.Subject, "trace-context-subject", "", "subject that message traces go to; empty turns them off")
	f.Var(optional[int]{&o.edit.Trace.Sampling, parseInt, "int"}, "trace-context-sampling", "percentage of messages to trace, 1 to 100")
	bindClusterTraffic(f, &o.edit.ClusterTraffic)
	f.SetNormalizeFunc(formerName)
	a.completeName(c, accountNames)
	a.completeFlag(c, "rm-sk", ofAccount("name", rolesAndKeys))
	a.bindPush(c)
	return c
}

// bindPermissionRemoval binds what only an existing entity has.
func bindPermissionRemoval(f *pflag.FlagSet, e *claims.PermissionsEdit) {
	bindStrings(f, &e.Remove, "rm", "", "remove subjects from all permissions")
	f.BoolVar(&e.RemoveResponse, "rm-response-perms", false, "remove the permission to reply")
}

func parseTier(s string) (int, error) {
	n, err := claims.ParseNumber(s)
	if err != nil || n < 0 || n > 1<<16 {
		return 0, errors.New("is not the number of a tier")
	}
	return int(n), nil
}

func (o *editAccount) run(ctx context.Context) error {
	e, err := o.app.edit(ctx, &o.edit.SigningKeys, nkeys.PrefixByteAccount, o.stage)
	if err != nil {
		return err
	}
	return o.finish(ctx, report{Entities: []entity{e}})
}

func (o *editAccount) stage(c *change, keys []key) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	ac, err := c.w.selectedAccount(op, o.name)
	if err != nil {
		return entity{}, err
	}
	if ac.claims.Subject == op.claims.SystemAccount && o.edit.JetStream.Enables() {
		return entity{}, fmt.Errorf("account %q: is the system account, which must not have JetStream", ac.name)
	}
	if err := o.checkBearer(op, ac); err != nil {
		return entity{}, err
	}
	if err := ac.keysOfRoles(o.edit.SigningKeys.Remove); err != nil {
		return entity{}, err
	}
	if len(o.edit.SigningKeys.Remove) > 0 {
		if err := o.checkStranded(op, ac); err != nil {
			return entity{}, err
		}
	}
	if err := op.refuseIdentities(ac, o.edit.SigningKeys.Add); err != nil {
		return entity{}, err
	}
	changes, err := o.edit.Apply(ac.claims, o.env.Now())
	if err != nil {
		return entity{}, hintTiers(badEdit(err), ac.name)
	}
	e, err := c.reissue(op, ac, changes)
	if err != nil {
		return entity{}, err
	}
	return e, c.putSigningKeys(keys, &e)
}

// checkStranded refuses to remove signing keys that users or imports stand on.
func (o *editAccount) checkStranded(op *operator, ac *account) error {
	removed := o.edit.SigningKeys.Remove
	users, err := op.store.Users(ac.name)
	if err != nil {
		return err
	}
	if err := o.strands(jwtstore.KindUser, removed, o.force, users); err != nil {
		return err
	}
	imports, unread, err := op.activated(ac.claims.Subject, removed)
	if err != nil {
		return err
	}
	if len(unread) > 0 {
		o.out.Warnf("accounts that cannot be read may import by activations that the key has issued: %s", firstOf(unread, 20))
	}
	if len(imports) == 0 {
		return nil
	}
	err = fmt.Errorf("signing key: has issued the activations of imports, which end without it: %s", firstOf(imports, 20))
	if o.force {
		o.out.Warnf("%v", err)
		return nil
	}
	return withHint(err, "import again before, by an activation of another key: nkeep generate activation -a %q -K KEY; --force removes the key nevertheless", ac.name)
}

// hintTiers says how an account comes from the one kind of limits to the other.
func hintTiers(err error, account string) error {
	switch {
	case errors.Is(err, claims.ErrGlobalLimits):
		return withHint(err, "remove them first with: nkeep edit account %q --rm-js-tier 0", account)
	case errors.Is(err, claims.ErrTiers):
		return withHint(err, "remove them first: each with nkeep edit account %q --rm-js-tier N, or all with --js-disable", account)
	}
	return err
}

// reissue signs an edited account again and stages it, if anything changed or
// --private-key names who is to sign it from now on.
func (c *change) reissue(op *operator, ac *account, changes []claims.Change) (e entity, err error) {
	issuer := ac.claims.Issuer
	e = entityOf(actionUnchanged, jwtstore.KindAccount, ac.claims)
	if len(changes) > 0 || c.w.app.flags.privateKey != "" {
		if e, err = c.putAccount(op, ac); err != nil {
			return entity{}, err
		}
	}
	if e.Issuer != issuer {
		changes = append([]claims.Change{{Field: "iss", From: issuer, To: e.Issuer}}, changes...)
	}
	e.Operator, e.Changes = op.store.Name, explicit(changes)
	return e, nil
}

// putAccount signs an edited account again and stages it.
func (c *change) putAccount(op *operator, ac *account) (entity, error) {
	by, err := c.w.accountSigner(op, ac.claims)
	if err != nil {
		return entity{}, err
	}
	token, err := by.renew(ac.claims, ac.token)
	if err != nil {
		return entity{}, err
	}
	e := entityOf(actionEdited, jwtstore.KindAccount, ac.claims)
	file, err := c.tokens.PutAccount(op.store.Name, ac.name, token)
	if err != nil {
		return entity{}, err
	}
	e.file("token", file)
	return e, c.handOver(op, signedHere{ac.name, ac.claims, token, ac.token}, &e)
}

// checkBearer refuses to disallow what a user of the account already is.
func (o *editAccount) checkBearer(op *operator, ac *account) error {
	if d := o.edit.Limits.DisallowBearer; d == nil || !*d || ac.claims.Limits.DisallowBearer {
		return nil
	}
	names, err := op.store.UserNames(ac.name)
	if err != nil {
		return err
	}
	for _, n := range names {
		u, err := op.readUser(ac, n)
		if err != nil {
			return err
		}
		if u.claims.BearerToken {
			return fmt.Errorf("account %q: user %q is a bearer user", ac.name, n)
		}
	}
	return nil
}
