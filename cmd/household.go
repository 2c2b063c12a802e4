package cmd

import (
	"errors"
	"io/fs"
	"slices"

	"nkeep/jwtstore"
)

// household is an account that goes with its operator, and its users.
type household struct {
	leavingAccount

	token bool // is there
	going []*leavingUser
}

// accountsOf names the accounts of an operator, sorted, and those that are gone but
// for creds of their users.
func (w *workspace) accountsOf(store *jwtstore.Store) ([]string, error) {
	names, err := store.AccountNames()
	if err != nil {
		return nil, err
	}
	for creds, err := range w.ring.AllCreds(store.Name) {
		if err != nil {
			return nil, err
		}
		names = append(names, creds.Account)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// households are all accounts of an operator that is about to be deleted. Those
// whose tokens cannot be read go as well; their keys are not known.
func (w *workspace) households(store *jwtstore.Store, with disposal) ([]household, error) {
	names, err := w.accountsOf(store)
	if err != nil {
		return nil, err
	}
	op := &operator{store: store, app: w.app}
	houses := make([]household, 0, len(names))
	for _, name := range names {
		h := household{leavingAccount: leavingAccount{name: name}}
		ac, err := op.unverifiedAccount(name)
		switch {
		case err == nil:
			h.public, h.keys = ac.claims.Subject, accountKeys(ac.claims)
		case !errors.Is(err, fs.ErrNotExist):
			w.app.out.Warnf("account %q: its keys are not known, and stay: %v", name, err)
		}
		h.token = !errors.Is(err, fs.ErrNotExist)
		users, err := w.usersOf(store, name)
		if err != nil {
			return nil, err
		}
		h.going = users.all(disposal{creds: true, keys: with.keys})
		houses = append(houses, h)
	}
	return houses, nil
}

// removeHousehold stages the removal of an account and its users.
func (c *change) removeHousehold(d disposal, operator string, h household) ([]entity, error) {
	var done []entity
	if h.token {
		e, err := c.removeAccount(d, operator, h.leavingAccount)
		if err != nil {
			return nil, err
		}
		done = append(done, e)
	}
	for _, u := range h.going {
		e, err := c.removeUser(d, operator, h.name, u)
		if err != nil {
			return nil, err
		}
		done = append(done, e)
	}
	return done, nil
}
