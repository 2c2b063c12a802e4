package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/nkeys"
)

// lookAt opens the account that is named, selected, or the only one, to be looked at.
func (o *describe) lookAt(ctx context.Context, named string) (*operator, *account, error) {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return nil, nil, err
	}
	name, err := w.accountName(op.store, named)
	if err != nil {
		return nil, nil, err
	}
	ac, err := o.anyAccount(op, name)
	return op, ac, err
}

// anyAccount loads an account to be looked at. One that does not check out
// under the operator is shown all the same, with a warning.
func (o *describe) anyAccount(op *operator, name string) (*account, error) {
	ac, err := op.readAccount(name)
	if !isTrustError(err) {
		return ac, err
	}
	o.out.Warnf("%v", err)
	return op.unverifiedAccount(name)
}

// anyUser is anyAccount for users.
func (o *describe) anyUser(op *operator, ac *account, name string) (*user, error) {
	u, err := op.readUser(ac, name)
	if !isTrustError(err) {
		return u, err
	}
	o.out.Warnf("%v", err)
	return op.unverifiedUser(ac, name)
}

// names resolves keys to names: those of the operator and of the accounts at
// hand, and of other accounts. For these the store is read when the first is
// asked for; most claims mention none.
func (o *describe) names(op *operator, near ...*account) render.Names {
	if o.flags.longIDs {
		return nil
	}
	known := map[string]string{}
	for _, public := range append([]string{op.claims.Subject}, op.claims.SigningKeys...) {
		known[public] = op.store.Name
	}
	for _, ac := range near {
		for _, public := range append([]string{ac.claims.Subject}, ac.claims.SigningKeys.Keys()...) {
			known[public] = ac.name
		}
	}
	others := op.store.NamesOfAccounts()
	return func(id string) string {
		name, ok := known[id]
		if ok || !nkeys.IsValidPublicAccountKey(id) {
			return name
		}
		name, err := others(id)
		if err != nil {
			o.out.Warnf("names of accounts are not known: %v", err)
		}
		known[id] = name
		return name
	}
}

// operatorNamed turns the public key of an operator into its name.
func (w *workspace) operatorNamed(nameOrKey string) (string, error) {
	if !nkeys.IsValidPublicOperatorKey(nameOrKey) {
		return nameOrKey, nil
	}
	names, err := w.root.Operators()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if w.operatorItem(name).Head.Subject == nameOrKey {
			return name, nil
		}
	}
	return "", notFound(jwtstore.KindOperator, nameOrKey)
}

// selectedUser loads and verifies a user, by name or public key, of an account that is
// named or selected; without a name it is the account's only user.
func (w *workspace) selectedUser(op *operator, inAccount, nameOrKey string) (*account, *user, error) {
	ac, err := w.selectedAccount(op, inAccount)
	if err != nil {
		return nil, nil, err
	}
	name, err := userNamed(op.store, ac.name, nameOrKey)
	if err != nil {
		return nil, nil, err
	}
	u, err := op.user(ac, name)
	return ac, u, err
}

// userNamed turns the public key of a user into its name; without either it is
// the account's only user.
func userNamed(store *jwtstore.Store, account, nameOrKey string) (string, error) {
	if !nkeys.IsValidPublicUserKey(nameOrKey) {
		return userName(store, account, nameOrKey)
	}
	name, ok, err := store.UserByKey(account, nameOrKey)
	if err == nil && !ok {
		err = notFound(jwtstore.KindUser, nameOrKey)
	}
	return name, err
}

func notFound(kind, name string) error {
	return withHint(&jwtstore.EntityError{Kind: kind, Name: name, Err: fs.ErrNotExist}, "%s", fmt.Sprintf("list what there is with: nkeep list %ss", kind))
}
