package cmd

import (
	"context"
	"strconv"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

func newRevocations(a *app) *cobra.Command {
	return newGroup("revocations", "Revoke credentials of users and activations of exports, and look after what is revoked", "  nkeep revocations add-user shop -a ORDERS\n  nkeep revocations list-users -a ORDERS",
		newRevocationsAddUser(a), newRevocationsDeleteUser(a), newRevocationsListUsers(a),
		newRevocationsAddActivation(a), newRevocationsDeleteActivation(a), newRevocationsListActivations(a))
}

// revocations is what the commands share that change who is revoked.
type revocations struct {
	*app
	account string
	names   []string // arguments
	name    string
	user    string
	from    string // a file of more
}

// bind binds the ways to say whose credentials are meant.
func (o *revocations) bind(c *cobra.Command) {
	manyArgs(c, &o.names)
	bindFrom(c, &o.from)
	f := c.Flags()
	o.bindAccount(c, &o.account, "account of the users")
	f.StringVarP(&o.name, "name", "n", "", "user, by name")
	f.StringVarP(&o.user, "user-public-key", "u", "", "user, by public key or name; * for all users")
	exclusive(c, "name", "user-public-key")
	o.completeNames(c, userNames)
	o.completeFlag(c, "name", userNames)
	o.completeFlag(c, "user-public-key", userNames)
}

// named are the users that were named, one at least: nobody is revoked by a guess.
func (o *revocations) named(c *cobra.Command) ([]string, error) {
	names := o.names
	for _, n := range []string{o.name, o.user} {
		if n != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 && o.from == "" {
		return nil, withHint(usagef("%s: needs a user, by name or public key, or * for all of them", commandName(c)), "for example:%s", firstExample(c))
	}
	return names, nil
}

// revise changes what is revoked, as one transaction, and says how to make that
// effective. The report has the account behind its users.
func (o *revocations) revise(ctx context.Context, stage func(*change, *operator, *account, *accountUsers) ([]entity, error)) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var (
		done []entity
		ac   *account
	)
	err = w.update(ctx, func(c *change) error {
		op, err := w.operator("")
		if err != nil {
			return err
		}
		if ac, err = w.selectedAccount(op, o.account); err != nil {
			return err
		}
		users, err := w.usersOf(op.store, ac.name)
		if err != nil {
			return err
		}
		done, err = stage(c, op, ac, users)
		return err
	})
	if err != nil {
		return err
	}
	if done[len(done)-1].Action != actionUnchanged && !o.pushes.wanted() {
		o.out.Notef("servers act on it once they have the account: nkeep push -a %s", strconv.Quote(ac.name))
	}
	return o.finishChanged(ctx, done, inLines(o.names, o.from))
}

// reviseAccount applies the edit and signs the account again, once.
func (c *change) reviseAccount(op *operator, ac *account, edit claims.RevocationsEdit) (entity, error) {
	changes, err := claims.AccountEdit{Revocations: edit}.Apply(ac.claims, c.w.app.env.Now())
	if err != nil {
		return entity{}, badEdit(err)
	}
	return c.reissue(op, ac, changes)
}

// revokee is whom a revocation is about.
type revokee struct {
	key    string // public, or jwt.All
	name   string // in the store; the key where it has none
	issued int64  // its token there, in Unix seconds; 0 without one
}

// revokee understands a user's name, in any case, a public key, which need not be
// in the store, and * for all users.
func (u *accountUsers) revokee(named string) (revokee, error) {
	if named == jwt.All {
		return revokee{key: named, name: named}, nil
	}
	if names, ok := u.byKey[named]; ok {
		return revokee{named, names[0], u.byName[names[0]].Head.IssuedAt}, nil
	}
	if nkeys.IsValidPublicUserKey(named) {
		return revokee{key: named, name: named}, nil
	}
	name, err := u.like(named)
	if err != nil {
		return revokee{}, err
	}
	key, issued, err := u.key(name)
	return revokee{key, name, issued}, withHint(err, "name it by its public key instead")
}

func (r revokee) entity(action string, op *operator, ac *account) entity {
	return entity{Action: action, Kind: jwtstore.KindUser, Name: r.name, Operator: op.store.Name, Account: ac.name, PublicKey: r.key, Revoked: render.Time(ac.claims.Revocations[r.key])}
}
