package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"golang.org/x/sync/errgroup"
)

// importers names the operator's accounts that import an export of the account
// with that public key, nil for any, and those of which it is not known because they
// cannot be read.
func (o *operator) importers(public string, x *jwt.Export) (importers, unread []string, err error) {
	names, imports, unread, err := askAccounts(o, func(token string) (bool, error) { return claims.Imports(token, public, x) })
	for i, name := range names {
		if imports[i] {
			importers = append(importers, name)
		}
	}
	return importers, unread, err
}

// activated says which imports stand on activations that one of the keys of the
// account with that public key has issued, and which accounts cannot be read.
func (o *operator) activated(public string, keys []string) (imports, unread []string, err error) {
	names, subjects, unread, err := askAccounts(o, func(token string) ([]string, error) { return claims.ActivatedBy(token, public, keys) })
	for i, name := range names {
		for _, s := range subjects[i] {
			imports = append(imports, fmt.Sprintf("%q of account %q", s, name))
		}
	}
	return imports, unread, err
}

// askAccounts asks the token of every account of an operator something. It returns
// the names of the accounts, the answers in the same order, and the names of those
// that cannot be read. A directory without a token is no account.
func askAccounts[T any](o *operator, ask func(token string) (T, error)) (names []string, answers []T, unread []string, err error) {
	all, err := o.store.AccountNames()
	if err != nil {
		return nil, nil, nil, err
	}
	found, errs := make([]T, len(all)), make([]error, len(all))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range all {
		group.Go(func() error {
			token, err := o.store.Account(name)
			if err == nil {
				found[i], err = ask(token)
			}
			errs[i] = err
			return nil
		})
	}
	_ = group.Wait() // each keeps its own error
	for i, name := range all {
		switch {
		case errs[i] == nil:
			names, answers = append(names, name), append(answers, found[i])
		case !errors.Is(errs[i], fs.ErrNotExist):
			unread = append(unread, name)
		}
	}
	return names, answers, unread, nil
}
