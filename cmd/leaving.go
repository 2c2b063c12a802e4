package cmd

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/nkeys"
)

// leavingUser is a user that is about to be deleted.
type leavingUser struct {
	name    string
	key     string // public; empty when neither token nor creds tell it
	unknown error  // why the key is
	issued  int64  // in Unix seconds, the token that tells it
	token   bool   // is there
	creds   bool   // are there
	revoked int64  // in Unix seconds, what was issued until then; 0 for nothing
}

// leaving finds users that are to be deleted, each once. Everyone who is not
// there is in the error.
func (u *accountUsers) leaving(lines []line, with disposal) ([]*leavingUser, error) {
	var (
		going []*leavingUser
		errs  []error
		seen  = map[string]bool{}
	)
	for _, ln := range lines {
		name, err := u.named(ln.name)
		if err == nil {
			err = u.there(name, with)
		}
		switch {
		case err != nil:
			errs = append(errs, ln.wrap(err))
		case !seen[name]:
			seen[name] = true
			going = append(going, u.goes(name))
		}
	}
	return going, firstErrors(errs)
}

// named is the name of a user given by name or public key.
func (u *accountUsers) named(nameOrKey string) (string, error) {
	if !nkeys.IsValidPublicUserKey(nameOrKey) {
		return nameOrKey, nil
	}
	switch names := u.byKey[nameOrKey]; len(names) {
	case 0:
		return "", notFound(jwtstore.KindUser, nameOrKey)
	case 1:
		return names[0], nil
	default:
		return "", usagef("user %q: %d users have this key: %s", nameOrKey, len(names), strings.Join(names, ", "))
	}
}

// there is nil for a user that has a token, or whose creds are left and are to go.
func (u *accountUsers) there(name string, with disposal) error {
	if _, ok := u.byName[name]; ok || u.creds[name] && with.creds {
		return nil
	}
	err := &jwtstore.EntityError{Kind: jwtstore.KindUser, Name: name, Err: fs.ErrNotExist}
	if u.creds[name] {
		return withHint(err, "its creds are still there: revoke and remove them with: nkeep delete user -a %q -D -C %q", u.account, name)
	}
	return withHint(err, "list users with: nkeep list users -a %q", u.account)
}

func (u *accountUsers) goes(name string) *leavingUser {
	l := &leavingUser{name: name, creds: u.creds[name]}
	_, l.token = u.byName[name]
	l.key, l.issued, l.unknown = u.key(name)
	return l
}

// revokeAll revokes what was issued to the users until now, and signs the account
// again, once. The entity is the account, unless it says all of that already.
func (c *change) revokeAll(users *accountUsers, going []*leavingUser) ([]entity, error) {
	op, err := c.w.operator(users.operator)
	if err != nil {
		return nil, err
	}
	ac, err := op.account(users.account)
	if err != nil {
		return nil, err
	}
	edit := claims.RevocationsEdit{Add: map[string]int64{}}
	for _, l := range going {
		if err := users.revocable(l, going); err != nil {
			return nil, err
		}
		if slices.Contains(ac.claims.Authorization.AuthUsers, l.key) {
			c.w.app.out.Warnf("user %q: is an auth callout user of account %q, which lets nobody in without one", l.name, ac.name)
		}
		// A token may come from a machine whose clock is ahead.
		l.revoked = max(c.w.app.env.Now().Unix(), l.issued, ac.claims.Revocations[l.key])
		edit.Add[l.key] = max(edit.Add[l.key], l.revoked)
	}
	e, err := c.reviseAccount(op, ac, edit)
	if err != nil || e.Action == actionUnchanged {
		return nil, err
	}
	return []entity{e}, nil
}

// revocable refuses a user whose key is not known, and one whose key somebody
// has who stays.
func (u *accountUsers) revocable(l *leavingUser, going []*leavingUser) error {
	if l.key == "" {
		return fmt.Errorf("user %q: cannot be revoked, its key is not known: %w", l.name, l.unknown)
	}
	for _, other := range u.sharing(l.key, l.name) {
		if !slices.ContainsFunc(going, func(g *leavingUser) bool { return g.name == other }) {
			return fmt.Errorf("user %q: has the same key as user %q, who would be revoked with it", l.name, other)
		}
	}
	return nil
}

// orUnrevoked adds the way out that is left where nothing can be revoked.
func orUnrevoked(err error) error {
	const way = "--revoke=false deletes without revoking"
	if hint := hintOf(err); hint != "" {
		return hintedError{err, hint + "; " + way}
	}
	return hintedError{err, way}
}

func keysOf(going []*leavingUser) []string {
	var keys []string
	for _, l := range going {
		if l.key != "" {
			keys = append(keys, l.key)
		}
	}
	return keys
}

// isLeaving tells whose tokens go, for [workspace.usedBy].
func (u *accountUsers) isLeaving(going []*leavingUser) func(operator, account, user string) bool {
	names := make(map[string]bool, len(going))
	for _, l := range going {
		names[l.name] = true
	}
	return func(operator, account, user string) bool {
		return operator == u.operator && account == u.account && names[user]
	}
}

// removeUser stages the removal of a user's token, and of what else is to go.
func (c *change) removeUser(d disposal, operator, account string, l *leavingUser) (entity, error) {
	e := entity{
		Action: actionDeleted, Kind: jwtstore.KindUser, Name: l.name, Operator: operator, Account: account,
		PublicKey: l.key, Revoked: render.Time(l.revoked), Deletion: &deletion{},
	}
	if l.token {
		file, err := c.tokens.RemoveUser(operator, account, l.name)
		if err != nil {
			return entity{}, err
		}
		e.Deletion.removed("token", file)
	}
	if l.key == "" && d.keys {
		c.w.app.out.Warnf("user %q: its key is not known, so that its seed stays if it is stored", l.name)
	}
	if err := c.removeKey(d, "key", l.key, e.Deletion); err != nil {
		return entity{}, err
	}
	if !l.creds {
		return e, nil
	}
	path := c.w.ring.CredsPath(operator, account, l.name)
	if !d.creds {
		e.Deletion.remaining("creds", path)
		return e, nil
	}
	e.Deletion.removed("creds", path)
	return e, c.keys.RemoveCreds(operator, account, l.name)
}
