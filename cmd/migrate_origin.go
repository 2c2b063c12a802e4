package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// origin is where accounts are copied from.
type origin struct {
	file     string // of the operator's token; empty when it is not known
	system   string // public key of the operator's system account, if any
	accounts []migrant
}

// migrant is an account with its users, about to be copied.
type migrant struct {
	*account
	users []*user
}

// fromStore reads the accounts of an operator's directory. Each must check out
// under that operator, and each user under its account.
func (a *app) fromStore(ctx context.Context, dir string) (*origin, error) {
	root, err := jwtstore.Open(filepath.Dir(dir), a.env.Files)
	if err != nil {
		return nil, err
	}
	store, err := root.Operator(filepath.Base(dir))
	if err != nil {
		return nil, withHint(fmt.Errorf("directory %q: %w", dir, err), "name the directory of one operator, which holds a file .nsc")
	}
	token, err := store.Operator()
	if err != nil {
		return nil, err
	}
	oc, err := claims.VerifyOperator(token)
	if err != nil {
		return nil, distrusted(store.OperatorPath(), err)
	}
	op := &operator{store, oc, token, a}
	names, err := store.AccountNames()
	if err != nil {
		return nil, err
	}
	from := &origin{file: store.OperatorPath(), system: oc.SystemAccount}
	for _, name := range names {
		m, err := op.migrant(ctx, name)
		if err != nil {
			return nil, err
		}
		from.accounts = append(from.accounts, m)
	}
	return from, nil
}

func (o *operator) migrant(ctx context.Context, name string) (m migrant, err error) {
	if m.account, err = o.readAccount(name); err != nil {
		return m, err
	}
	m.name = m.claims.Name
	users, err := o.store.UserNames(name)
	if err != nil {
		return m, err
	}
	for _, user := range users {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		u, err := o.readUser(&account{name, m.claims, m.token}, user)
		if err != nil {
			return m, err
		}
		u.name = u.claims.Name
		m.users = append(m.users, u)
	}
	return m, nil
}

// fromSource reads one account, and the users that lie beside it in a store.
func (a *app) fromSource(ctx context.Context, source string) (*origin, error) {
	token, err := a.fetchToken(ctx, source)
	if err != nil {
		return nil, err
	}
	ac, err := claims.ReadAccount(token)
	if err != nil {
		return nil, fmt.Errorf("account from %q: %w", source, err)
	}
	m := migrant{account: &account{ac.Name, ac, token}}
	if !isHTTP(source) {
		m.users, err = usersBeside(ctx, filepath.Join(filepath.Dir(a.path(source)), "users"), ac)
	}
	return &origin{accounts: []migrant{m}}, err
}

func usersBeside(ctx context.Context, dir string, ac *jwt.AccountClaims) ([]*user, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("directory %q: %w", dir, bare(err))
	}
	var users []*user
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		if filepath.Ext(file) != ".jwt" || !e.Type().IsRegular() {
			continue
		}
		data, err := readFile(ctx, file, maxTokenFile)
		if err != nil {
			return nil, err
		}
		token := strings.TrimSpace(string(data))
		uc, err := claims.VerifyUser(token, ac)
		if err != nil {
			return nil, distrusted(file, err)
		}
		users = append(users, &user{uc.Name, uc, token})
	}
	return users, nil
}
