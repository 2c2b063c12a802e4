package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type editAuthCallout struct {
	*app
	account string
	edit    claims.AuthCalloutEdit
	curve   string
	rmCurve bool
}

func newEditAuthCallout(a *app) *cobra.Command {
	o := &editAuthCallout{app: a}
	c := &cobra.Command{
		Use:   "authcallout [ACCOUNT]",
		Short: "Let a service authenticate the clients of an account",
		Long: `Let servers ask a service of an account who its clients are, and sign the account
again with the key that issued it. The service connects as one of the auth users,
who are not asked about; it answers with users of an allowed account. For requests
that only the service can read give a curve key, whose seed the service needs.

Users of the account and accounts of the operator may be named; keys of others may
be given. Servers have to have the account, and users of it connect with creds of
a user that may do nothing by itself.`,
		Example: `  nkeep edit authcallout AUTH --auth-user service --allowed-account ORDERS,SHOP
  nkeep edit authcallout AUTH --curve generate
  nkeep edit authcallout AUTH --disable`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.rmCurve {
				o.edit.XKey = new("")
			}
			if o.edit.Empty() && o.curve == "" && a.flags.privateKey == "" && !givenNothing(c) {
				return nothingToEdit(c)
			}
			return o.run(c.Context())
		},
	}
	optionalArg(c, &o.account)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that authenticates")
	bindList(f, &o.edit.AuthUsers, "auth-user", "", "users that answer for the account, by name or public key")
	bindList(f, &o.edit.AllowedAccounts, "allowed-account", "", "accounts that clients may be of, by name or public key; * for all")
	f.StringVarP(&o.curve, "curve", "x", "", "curve key to encrypt requests for: a public key, a seed, a file that holds one, or generate")
	f.BoolVar(&o.rmCurve, "rm-curve", false, "encrypt requests no more")
	f.BoolVar(&o.edit.Disable, "disable", false, "authenticate no more")
	exclusive(c, "curve", "rm-curve")
	for _, other := range []string{"auth-user", "rm-auth-user", "allowed-account", "rm-allowed-account", "curve", "rm-curve"} {
		exclusive(c, "disable", other)
	}
	c.ValidArgsFunction = a.complete(accountNames)
	a.completeFlag(c, "auth-user", userNames)
	a.completeFlag(c, "rm-auth-user", ofAccount("account", func(ac *jwt.AccountClaims) []string { return ac.Authorization.AuthUsers }))
	a.completeAccounts(c, "allowed-account")
	a.completeFlag(c, "rm-allowed-account", ofAccount("account", func(ac *jwt.AccountClaims) []string { return ac.Authorization.AllowedAccounts }))
	a.bindPush(c)
	return c
}

func (o *editAuthCallout) run(ctx context.Context) error {
	e, err := o.updateAccount(ctx, o.account, o.stage)
	if err != nil {
		return err
	}
	return o.finish(ctx, report{Entities: []entity{e}})
}

func (o *editAuthCallout) stage(c *change, op *operator, ac *account) (entity, error) {
	if err := o.resolve(op, ac); err != nil {
		return entity{}, err
	}
	var curve key
	if o.curve != "" {
		var err error
		if curve, err = c.w.signingKey(o.curve, nkeys.PrefixByteCurve); err != nil {
			return entity{}, err
		}
		o.edit.XKey = &curve.public
	}
	changes, err := claims.AccountEdit{AuthCallout: o.edit}.Apply(ac.claims, o.env.Now())
	if err != nil {
		return entity{}, withHint(badEdit(err), "look at the callout with: nkeep describe account %q", ac.name)
	}
	if err := o.warnUnknown(op, ac); err != nil {
		return entity{}, err
	}
	e, err := c.reissue(op, ac, changes)
	if err != nil {
		return entity{}, err
	}
	return e, c.put(curve, "curve key", &e)
}

// resolve puts keys in the places of names.
func (o *editAuthCallout) resolve(op *operator, ac *account) error {
	user := func(name string) (string, error) {
		u, err := op.readUser(ac, name)
		if err != nil {
			return "", err
		}
		return u.claims.Subject, nil
	}
	account := func(name string) (string, error) {
		other, err := op.readAccount(name)
		if err != nil {
			return "", err
		}
		return other.claims.Subject, nil
	}
	return firstErrors([]error{
		toKeys(o.edit.AuthUsers.Add, nkeys.IsValidPublicKey, user),
		toKeys(o.edit.AuthUsers.Remove, nkeys.IsValidPublicKey, user),
		toKeys(o.edit.AllowedAccounts.Add, isKeyOrAny, account),
		toKeys(o.edit.AllowedAccounts.Remove, isKeyOrAny, account),
	})
}

// warnUnknown tells of keys that belong to nobody at hand. A wrong auth user locks
// everybody out of the account.
func (o *editAuthCallout) warnUnknown(op *operator, ac *account) error {
	for _, public := range o.edit.AuthUsers.Add {
		_, ok, err := op.store.UserByKey(ac.name, public)
		if err != nil {
			return err
		}
		if !ok {
			o.out.Warnf("auth user %s: is no user of account %q in the store; without an auth user that is one, nobody can log in to the account", public, ac.name)
		}
	}
	for _, public := range o.edit.AllowedAccounts.Add {
		_, ok, err := op.store.AccountByKey(public)
		if err != nil {
			return err
		}
		if !ok && public != jwt.AnyAccount {
			o.out.Warnf("allowed account %s: is not in the store", public)
		}
	}
	return nil
}

func isKeyOrAny(value string) bool { return value == jwt.AnyAccount || nkeys.IsValidPublicKey(value) }

// toKeys replaces every value that is no key by the key of what has that name.
func toKeys(values []string, isKey func(string) bool, find func(name string) (string, error)) error {
	for i, value := range values {
		if isKey(value) {
			continue
		}
		public, err := find(value)
		if err != nil {
			return err
		}
		values[i] = public
	}
	return nil
}
