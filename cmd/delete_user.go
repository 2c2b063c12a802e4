package cmd

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

type deleteUser struct {
	*app
	names   []string
	from    string
	account string
	revoke  bool
	with    disposal
}

func newDeleteUser(a *app) *cobra.Command {
	o := &deleteUser{app: a}
	c := &cobra.Command{
		Use:   "user NAME...",
		Short: "Delete users of an account",
		Long: `Delete users of an account, by name or by public key: all of them or, when one
cannot be deleted, none.

Creds that are about go on working when their user is gone. Therefore whatever
was issued to it until now is revoked first, in the account, which is signed again
for that: push the account to make it effective on running servers, or have
--push do it. Where the account cannot be signed, --revoke=false deletes without revoking.

Keys and creds stay and are named, unless --rm-nkey and --rm-creds are given. A
user that is gone while its creds are still there can be deleted once more, to be
revoked and rid of them.`,
		Example: `  nkeep delete user shop -a ORDERS
  nkeep delete user shop desk --rm-nkey --rm-creds
  nkeep delete user --from gone.txt -a ORDERS --rm-nkey --rm-creds`,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(o.names) == 0 && o.from == "" {
				return required(c, "user")
			}
			return o.run(c.Context())
		},
	}
	namesArg(c, &o.names, "users to delete, by name or public key")
	bindFrom(c, &o.from)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account of the users")
	f.BoolVarP(&o.revoke, "revoke", "R", true, "revoke what was issued to the users until now")
	o.with.bind(f, "remove the users' seeds, too", "remove the users' creds, too")
	a.completeNames(c, userNames)
	a.completeFlag(c, "name", userNames)
	a.bindPush(c)
	return c
}

func (o *deleteUser) run(ctx context.Context) error {
	lines, err := o.namesFrom(ctx, o.names, o.from)
	if err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		done, err = o.stage(c, lines)
		return err
	})
	if err != nil {
		return err
	}
	o.advise(done)
	return o.finishChanged(ctx, done, inLines(o.names, o.from))
}

// stage deletes users, and revokes all of them with one signature. The report has
// the account behind its users.
func (o *deleteUser) stage(c *change, lines []line) ([]entity, error) {
	store, err := c.w.operatorStore("")
	if err != nil {
		return nil, err
	}
	account, err := c.w.accountName(store, o.account)
	if err != nil {
		return nil, err
	}
	if _, err := store.Account(account); err != nil {
		return nil, withHint(err, "list accounts with: nkeep list accounts")
	}
	users, err := c.w.usersOf(store, account)
	if err != nil {
		return nil, err
	}
	going, err := users.leaving(lines, o.with)
	if err != nil {
		return nil, err
	}
	var signed []entity
	if o.revoke {
		if signed, err = c.revokeAll(users, going); err != nil {
			return nil, orUnrevoked(err)
		}
	}
	if o.with.keys {
		if o.with.used, err = c.w.usedBy(keysOf(going), users.isLeaving(going)); err != nil {
			return nil, err
		}
	}
	done := make([]entity, 0, len(going)+1)
	for _, u := range going {
		e, err := c.removeUser(o.with, store.Name, account, u)
		if err != nil {
			return nil, err
		}
		done = append(done, e)
	}
	return append(done, signed...), nil
}

// advise says what is left to do.
func (o *deleteUser) advise(done []entity) {
	account := strconv.Quote(done[0].Account)
	switch keys := publicKeys(done); {
	case o.revoke && o.pushes.wanted():
	case o.revoke:
		o.out.Notef("servers refuse what was revoked once they have the account: nkeep push -a %s", account)
	case len(keys) > 0:
		o.out.Warnf("creds of deleted users go on working; revoke them with: nkeep revocations add-user -a %s %s", account, strings.Join(keys[:min(3, len(keys))], " "))
	}
	if creds := left(done, "creds"); len(creds) > 0 {
		o.out.Notef("creds remain; they and their seeds go with: nkeep delete user -a %s -D -C NAME...", account)
		return
	}
	o.noteSeeds(done)
}

// publicKeys are those of deleted users, as far as they are known.
func publicKeys(done []entity) []string {
	var keys []string
	for _, e := range done {
		if e.PublicKey != "" {
			keys = append(keys, e.PublicKey)
		}
	}
	return keys
}
