package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type editUser struct {
	*app
	name    string
	account string
	edit    claims.UserEdit
}

func newEditUser(a *app) *cobra.Command {
	o := &editUser{app: a}
	c := &cobra.Command{
		Use:   "user [NAME]",
		Short: "Change a user",
		Long: `Change a user and sign it again, with the key that issued it, or with the one that
--private-key names. What changed is printed; when nothing does, nothing is
signed. The creds file is written anew when the user's seed is stored.

What a user of a scoped signing key may do is decided by the scope, and cannot be
changed here.`,
		Example: `  nkeep edit user shop -a ORDERS --allow-pub "orders.>" --deny-sub "audit.>"
  nkeep edit user shop --source-network 10.0.0.0/8 --time 08:00:00-18:00:00 --locale Europe/Berlin
  nkeep edit user shop --expiry 30d --bearer`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.edit.Empty() && a.flags.privateKey == "" && !givenNothing(c) {
				return nothingToEdit(c)
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "user to change, by name or public key")
	f := c.Flags()
	a.bindAccount(c, &o.account, "account of the user")
	bindList(f, &o.edit.Tags, "tag", "", "tags")
	a.bindTimes(f, &o.edit.Times)
	bindPermissions(f, &o.edit.Limits.Permissions)
	bindPermissionRemoval(f, &o.edit.Limits.Permissions)
	bindUserLimits(f, &o.edit.Limits)
	a.completeName(c, userNames)
	return c
}

// bindUserLimits binds what else a user may and may not.
func bindUserLimits(f *pflag.FlagSet, e *claims.UserLimitsEdit) {
	bindBool(f, &e.Bearer, "bearer", "let the token suffice, without the key")
	bindNumber(f, &e.Payload, "payload", "most bytes of a message; -1 for any number, here and below")
	bindNumber(f, &e.Data, "data", "most bytes in flight")
	bindNumber(f, &e.Subs, "subs", "most subscriptions")
	bindList(f, &e.ConnectionTypes, "conn-type", "", "ways to connect: STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT, MQTT_WS, IN_PROCESS")
	bindList(f, &e.SourceNetworks, "source-network", "", "networks to connect from, in CIDR notation")
	bindList(f, &e.TimeRanges, "time", "", "times of day at which to connect, as hh:mm:ss-hh:mm:ss; to remove one its start suffices")
	bindString(f, &e.Locale, "locale", "", "time zone of these times, as Europe/Berlin")
}

func (o *editUser) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var e entity
	err = w.update(ctx, func(c *change) error {
		e, err = o.stage(c)
		return err
	})
	if err != nil {
		return err
	}
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *editUser) stage(c *change) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	ac, u, err := c.w.selectedUser(op, o.account, o.name)
	if err != nil {
		return entity{}, err
	}
	if b := o.edit.Limits.Bearer; b != nil && *b && ac.claims.Limits.DisallowBearer {
		return entity{}, fmt.Errorf("account %q: does not allow bearer users", ac.name)
	}
	before := *u.claims
	by, err := c.w.userSigner(op, ac, u.name, before.Issuer)
	if err != nil {
		return entity{}, err
	}
	if err := o.apply(ac, u, by); err != nil {
		return entity{}, err
	}
	changes, err := claims.Diff(&before, u.claims)
	if err != nil {
		return entity{}, err
	}
	e := entityOf(actionUnchanged, jwtstore.KindUser, &before)
	if len(changes) > 0 || by.public != before.Issuer {
		o.outlive(ac, key{public: before.Subject})
		if e, err = c.putUser(op, ac, u, by); err != nil {
			return entity{}, err
		}
		if changes, err = claims.Diff(&before, u.claims); err != nil {
			return entity{}, err
		}
	}
	e.Operator, e.Account, e.Changes = op.store.Name, ac.name, explicit(changes)
	return e, nil
}

// apply makes the edit, and fits the user to the key that is going to sign it.
func (o *editUser) apply(ac *account, u *user, by signer) error {
	scope, scoped := claims.ScopeOf(ac.claims, by.public)
	if scoped && o.edit.HasPermissions() {
		return usagef("user %q: the role %q decides what it may do; permissions and limits cannot be given", u.name, scope.Role)
	}
	switch was := claims.Scoped(ac.claims, u.claims); {
	case scoped:
		claims.Scope(u.claims)
	case was:
		return withHint(fmt.Errorf("user %q: was bound by a role, and would be free of it", u.name), "sign it with the key of its role, or make another user")
	}
	u.claims.IssuerAccount = ""
	if by.public != ac.claims.Subject {
		u.claims.IssuerAccount = ac.claims.Subject
	}
	if _, err := o.edit.Apply(u.claims, o.env.Now()); err != nil {
		return badEdit(err)
	}
	return nil
}

// putUser signs an edited user again and stages its token, and its creds when
// its seed is stored.
func (c *change) putUser(op *operator, ac *account, u *user, by signer) (entity, error) {
	token, err := by.renew(u.claims, u.token)
	if err != nil {
		return entity{}, err
	}
	e := entityOf(actionEdited, jwtstore.KindUser, u.claims)
	file, err := c.tokens.PutUser(op.store.Name, ac.name, u.name, token)
	if err != nil {
		return entity{}, err
	}
	e.file("token", file)
	kp, err := c.w.ring.Get(u.claims.Subject)
	if errors.Is(err, fs.ErrNotExist) {
		c.w.app.out.Warnf("user %q: its seed is not in the keystore, so that creds files of it keep the token as it was", u.name)
		return e, nil
	}
	if err != nil {
		return entity{}, err
	}
	file, err = c.keys.PutCreds(op.store.Name, ac.name, u.name, token, kp)
	if err != nil {
		return entity{}, err
	}
	e.file("creds", file)
	return e, nil
}
