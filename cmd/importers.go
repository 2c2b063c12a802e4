package cmd

import (
	"errors"
	"io/fs"
	"runtime"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"golang.org/x/sync/errgroup"
)

// importers names the operator's accounts that import an export of the account
// with that public key, nil for any, and those of which it is not known because they cannot be
// read. A directory without a token is no account.
func (o *operator) importers(public string, x *jwt.Export) (importers, unread []string, err error) {
	names, err := o.store.AccountNames()
	if err != nil {
		return nil, nil, err
	}
	imports, errs := make([]bool, len(names)), make([]error, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() error {
			token, err := o.store.Account(name)
			if err == nil {
				imports[i], err = claims.Imports(token, public, x)
			}
			errs[i] = err
			return nil
		})
	}
	_ = group.Wait() // each keeps its own error
	for i, name := range names {
		switch {
		case imports[i]:
			importers = append(importers, name)
		case errs[i] != nil && !errors.Is(errs[i], fs.ErrNotExist):
			unread = append(unread, name)
		}
	}
	return importers, unread, nil
}
