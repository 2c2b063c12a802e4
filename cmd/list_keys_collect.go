package cmd

import (
	"slices"

	"nkeep/jwtstore"
)

// keys lists the keys that the operator, the named accounts and their users
// refer to: the operator's first, then account by account. What cannot be read
// is left out if unreadable takes the error.
func (o *operator) keys(accounts []string, unreadable func(error) error) ([]keyRow, error) {
	rows := []keyRow{{Name: o.store.Name, Public: o.claims.Subject, Expected: jwtstore.KindOperator, token: o.token}}
	for _, public := range o.claims.SigningKeys {
		rows = append(rows, keyRow{Name: o.store.Name, Public: public, Signing: true, Expected: jwtstore.KindOperator})
	}
	for _, name := range accounts {
		more, err := o.accountKeys(name, unreadable)
		if err != nil {
			err = unreadable(err)
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (o *operator) accountKeys(name string, unreadable func(error) error) ([]keyRow, error) {
	ac, err := o.readAccount(name)
	if err != nil {
		return nil, err
	}
	rows := []keyRow{{Name: name, Public: ac.claims.Subject, Parent: o.claims.Subject, Expected: jwtstore.KindAccount, token: ac.token}}
	for _, public := range slices.Sorted(slices.Values(ac.claims.SigningKeys.Keys())) {
		rows = append(rows, keyRow{Name: name, Public: public, Signing: true, Expected: jwtstore.KindAccount})
	}
	if x := ac.claims.Authorization.XKey; x != "" {
		rows = append(rows, keyRow{Name: name, Public: x, Curve: true, Expected: kindCurve})
	}
	users, err := o.store.Users(name)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		if u.Err != nil {
			if err := unreadable(u.Err); err != nil {
				return nil, err
			}
			continue
		}
		token, err := o.store.User(name, u.Name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, keyRow{Name: u.Name, Public: u.Head.Subject, Parent: ac.claims.Subject, Expected: jwtstore.KindUser, token: token})
	}
	return rows, nil
}

// nobody stands for the name of whom a key belongs to.
const nobody = "?"

// unreferencedKeys lists the stored keys that no operator, account or user of
// any store here refers to.
func (w *workspace) unreferencedKeys() ([]keyRow, error) {
	operators, err := w.root.Operators()
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, name := range operators {
		op, err := w.operator(name)
		if err != nil {
			return nil, err
		}
		accounts, err := op.store.AccountNames()
		if err != nil {
			return nil, err
		}
		rows, err := op.keys(accounts, func(err error) error { return err })
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			used[r.Public] = true
		}
	}
	var rows []keyRow
	for e, err := range w.ring.All() {
		if err != nil {
			return nil, err
		}
		if !used[e.Public] {
			rows = append(rows, keyRow{Name: nobody, Public: e.Public, Curve: kindOf(e.Public) == kindCurve, Expected: kindOf(e.Public)})
		}
	}
	return rows, nil
}
