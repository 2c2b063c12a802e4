package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nkeep/jwtstore"
	"nkeep/keystore"
)

// builder writes what was found into new stores.
type builder struct {
	*salvage
	tokens *jwtstore.Tx
	keys   *keystore.Tx
	creds  bool
	built  *rebuilt
	names  map[*relic]string
}

func (b *builder) run() error {
	b.names = map[*relic]string{}
	for _, relics := range [][]*relic{b.operators, b.accounts, b.users} {
		b.name(relics)
	}
	for _, r := range b.operators {
		if _, err := b.tokens.AddOperator(b.names[r], r.newest().token, false); err != nil {
			return err
		}
	}
	for _, r := range b.accounts {
		if _, err := b.tokens.AddAccount(b.names[r.parent], b.names[r], r.newest().token); err != nil {
			return err
		}
	}
	for _, r := range b.users {
		if err := b.addUser(r); err != nil {
			return err
		}
	}
	for _, public := range slices.Sorted(maps.Keys(b.seeds)) {
		if _, err := b.keys.Put(b.seeds[public]); err != nil {
			return err
		}
	}
	b.built.Operators, b.built.Accounts, b.built.Users, b.built.Seeds = len(b.operators), len(b.accounts), len(b.users), len(b.seeds)
	return nil
}

func (b *builder) addUser(r *relic) error {
	operator, account, name := b.names[r.parent.parent], b.names[r.parent], b.names[r]
	if _, err := b.tokens.AddUser(operator, account, name, r.newest().token); err != nil {
		return err
	}
	kp := b.seeds[r.subject()]
	if kp == nil || !b.creds {
		return nil
	}
	b.built.Creds++
	_, err := b.keys.PutCreds(operator, account, name, r.newest().token, kp)
	return err
}

// name gives each its own name, or the one of its public key where that may not
// become part of a path or is taken. The newest of several keeps it.
func (b *builder) name(relics []*relic) {
	sorted := slices.SortedFunc(slices.Values(relics), func(x, y *relic) int {
		return cmp.Or(cmp.Compare(y.newest().data().IssuedAt, x.newest().data().IssuedAt), strings.Compare(x.subject(), y.subject()))
	})
	type place struct {
		parent *relic
		name   string
	}
	taken := map[place]bool{}
	for _, r := range sorted {
		name := r.name()
		err := jwtstore.CheckName(name)
		if err == nil && taken[place{r.parent, jwtstore.Fold(name)}] {
			err = fmt.Errorf("name %q: is that of another, too", name)
		}
		if err != nil {
			name = r.subject()
			b.doubts = append(b.doubts, fmt.Sprintf("%v: it is called %s here", err, name))
		}
		taken[place{r.parent, jwtstore.Fold(name)}] = true
		b.names[r] = name
	}
}
