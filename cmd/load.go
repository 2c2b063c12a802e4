package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// operator is a verified operator and its store.
type operator struct {
	store  *jwtstore.Store
	claims *jwt.OperatorClaims
	token  string
	app    *app
}

// chain is by what an account or a user is judged that is to be the operator's.
func (o *operator) chain() claims.Chain {
	return claims.Chain{Operator: o.claims, Managed: o.store.Managed, Now: o.app.env.Now()}
}

// account is a verified account.
type account struct {
	name   string // in the store
	claims *jwt.AccountClaims
	token  string
}

// user is a verified user.
type user struct {
	name   string // in the store
	claims *jwt.UserClaims
	token  string
}

// operator loads and verifies the named, selected or only operator.
func (w *workspace) operator(name string) (*operator, error) {
	store, err := w.operatorStore(name)
	if err != nil {
		return nil, err
	}
	token, err := store.Operator()
	if err != nil {
		return nil, err
	}
	oc, err := claims.VerifyOperator(token)
	if err != nil {
		return nil, distrusted(store.OperatorPath(), err)
	}
	w.app.warnStanding(jwtstore.KindOperator, store.Name, token, oc)
	return &operator{store, oc, token, w.app}, nil
}

// openOperator opens the workspace and the current operator.
func (a *app) openOperator(ctx context.Context) (*workspace, *operator, error) {
	w, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	op, err := w.operator("")
	return w, op, err
}

// distrusted is the error for a token on which nothing can be built.
func distrusted(file string, err error) error {
	if errors.Is(err, claims.ErrVersion1) {
		return withHint(fmt.Errorf("file %q: %w", file, err), "bring the operator and all that is his to version 2 with: nkeep upgrade-jwt")
	}
	return withHint(fmt.Errorf("file %q: %w", file, err), "look at it with: nkeep describe jwt -f %q, and put a good one in its place", file)
}

// account loads an account to be used, and warns when it is not in force.
func (o *operator) account(name string) (*account, error) {
	ac, err := o.readAccount(name)
	if err == nil {
		o.app.warnStanding(jwtstore.KindAccount, name, ac.token, ac.claims)
	}
	return ac, err
}

// readAccount loads an account and verifies that the operator issued it: nothing
// is built upon a token that is not.
func (o *operator) readAccount(name string) (*account, error) {
	token, err := o.store.Account(name)
	if err != nil {
		return nil, withHint(err, "list accounts with: nkeep list accounts")
	}
	ac, err := claims.VerifyAccount(token, o.claims, o.store.Managed)
	if err != nil {
		return nil, distrusted(o.store.AccountPath(name), err)
	}
	return &account{name, ac, token}, nil
}

// user loads a user to be used, and warns when it is not in force.
func (o *operator) user(ac *account, name string) (*user, error) {
	u, err := o.readUser(ac, name)
	if err == nil {
		o.app.warnStanding(jwtstore.KindUser, name, u.token, u.claims)
	}
	return u, err
}

// readUser loads a user and verifies that the account issued it.
func (o *operator) readUser(ac *account, name string) (*user, error) {
	token, err := o.store.User(ac.name, name)
	if err != nil {
		return nil, withHint(err, "list users with: nkeep list users -a %q", ac.name)
	}
	uc, err := claims.VerifyUser(token, ac.claims)
	if err != nil {
		return nil, distrusted(o.store.UserPath(ac.name, name), err)
	}
	return &user{name, uc, token}, nil
}

// unverifiedAccount loads an account that does not check out under the
// operator, to be looked at or to be judged by somebody else. Its own
// signature is valid all the same.
func (o *operator) unverifiedAccount(name string) (*account, error) {
	token, err := o.store.Account(name)
	if err != nil {
		return nil, err
	}
	ac, err := jwt.DecodeAccountClaims(token)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", o.store.AccountPath(name), err)
	}
	return &account{name, ac, token}, nil
}

// unverifiedUser is unverifiedAccount for users.
func (o *operator) unverifiedUser(ac *account, name string) (*user, error) {
	token, err := o.store.User(ac.name, name)
	if err != nil {
		return nil, err
	}
	uc, err := jwt.DecodeUserClaims(token)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", o.store.UserPath(ac.name, name), err)
	}
	return &user{name, uc, token}, nil
}

func isTrustError(err error) bool {
	var trust *claims.TrustError
	return errors.As(err, &trust)
}

// selectedAccount loads the named or selected account.
func (w *workspace) selectedAccount(o *operator, named string) (*account, error) {
	name, err := w.accountName(o.store, named)
	if err != nil {
		return nil, err
	}
	return o.account(name)
}

// findAccount is the name in the store of an account given by name or public key.
func findAccount(store *jwtstore.Store, nameOrKey string) (string, error) {
	if !nkeys.IsValidPublicAccountKey(nameOrKey) {
		return nameOrKey, nil
	}
	name, ok, err := store.AccountByKey(nameOrKey)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", withHint(&jwtstore.EntityError{Kind: jwtstore.KindAccount, Name: nameOrKey, Err: fs.ErrNotExist}, "list accounts with: nkeep list accounts")
	}
	return name, nil
}

// otherAccount finds the public key of an account that is given by its name or that
// key; given by the key, which is its name then, it need not be in the store.
func (o *operator) otherAccount(nameOrKey string) (name, public string, err error) {
	name, err = findAccount(o.store, nameOrKey)
	byKey := nkeys.IsValidPublicAccountKey(nameOrKey)
	switch {
	case byKey && errors.Is(err, fs.ErrNotExist):
		return nameOrKey, nameOrKey, nil
	case byKey || err != nil:
		return name, nameOrKey, err
	}
	ac, err := o.readAccount(name)
	if err != nil {
		return "", "", err
	}
	return name, ac.claims.Subject, nil
}

// systemAccount loads the operator's system account.
func (o *operator) systemAccount() (*account, error) {
	key := o.claims.SystemAccount
	if key == "" {
		return nil, errNoSystemAccount(o)
	}
	name, err := findAccount(o.store, key)
	if err != nil {
		return nil, err
	}
	return o.account(name)
}
