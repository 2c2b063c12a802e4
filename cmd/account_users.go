package cmd

import (
	"fmt"
	"slices"
	"strings"

	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/nats-io/nkeys"
)

// accountUsers are the users of one account, to be found by name and by key,
// with what their tokens say unverified: to take something away from them must
// not depend on a token that is in order.
type accountUsers struct {
	ring     *keystore.Ring
	operator string
	account  string
	byName   map[string]jwtstore.Item
	byKey    map[string][]string // names, sorted; nsc lets users share a key
	folded   map[string][]string // names by what they are but for the case; made when asked for
	creds    map[string]bool     // names of those that have a creds file
}

func (w *workspace) usersOf(store *jwtstore.Store, account string) (*accountUsers, error) {
	items, err := store.Users(account)
	if err != nil {
		return nil, err
	}
	creds, err := w.ring.CredsNames(store.Name, account)
	if err != nil {
		return nil, err
	}
	users := &accountUsers{
		ring: w.ring, operator: store.Name, account: account,
		byName: make(map[string]jwtstore.Item, len(items)), byKey: make(map[string][]string, len(items)), creds: make(map[string]bool, len(creds)),
	}
	for _, it := range items {
		users.byName[it.Name] = it
		if it.Err == nil {
			users.byKey[it.Head.Subject] = append(users.byKey[it.Head.Subject], it.Name)
		}
	}
	for _, name := range creds {
		users.creds[name] = true
	}
	return users, nil
}

// like is the name of the user that is called so whatever the case, as nsc looks
// names up to revoke them; an exact match goes first.
func (u *accountUsers) like(name string) (string, error) {
	if _, ok := u.byName[name]; ok {
		return name, nil
	}
	if u.folded == nil {
		u.folded = make(map[string][]string, len(u.byName))
		for n := range u.byName {
			u.folded[jwtstore.Fold(n)] = append(u.folded[jwtstore.Fold(n)], n)
		}
	}
	found := u.folded[jwtstore.Fold(name)]
	switch len(found) {
	case 0:
		return "", notFound(jwtstore.KindUser, name)
	case 1:
		return found[0], nil
	}
	slices.Sort(found)
	return "", usagef("user %q: %d users are called so but for the case: %s", name, len(found), strings.Join(found, ", "))
}

// key is the public key of a user, of its token or else of its creds, and when
// the token was issued, in Unix seconds.
func (u *accountUsers) key(name string) (public string, issued int64, err error) {
	it, ok := u.byName[name]
	if ok && it.Err == nil {
		if nkeys.IsValidPublicUserKey(it.Head.Subject) {
			return it.Head.Subject, it.Head.IssuedAt, nil
		}
		it.Err = fmt.Errorf("user %q: its token is not that of a user", name)
	}
	token, kp, err := u.ring.Creds(u.operator, u.account, name)
	if err != nil {
		if it.Err != nil {
			err = it.Err
		}
		return "", 0, err
	}
	if head, err := jwtstore.ReadHead(token); err == nil {
		issued = head.IssuedAt
	}
	public, err = kp.PublicKey()
	return public, issued, err
}

// sharing names the other users that have the key of one.
func (u *accountUsers) sharing(public, name string) []string {
	return slices.DeleteFunc(slices.Clone(u.byKey[public]), func(n string) bool { return n == name })
}
