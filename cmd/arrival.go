package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// adopt signs an account that comes from elsewhere with a key of the operator,
// unless one has issued it: an account that signed itself, and with force one
// that somebody else has issued. Where the operator's keys are kept elsewhere,
// only he can. The change of the issuer is to be told of.
func (c *change) adopt(op *operator, in *account, force bool) ([]claims.Change, error) {
	_, err := claims.VerifyAccount(in.token, op.claims, false)
	if err == nil {
		return nil, nil
	}
	_, foreign := claims.VerifyAccount(in.token, op.claims, true)
	switch {
	case op.store.Managed:
		return nil, withHint(err, "operator %q is managed elsewhere: have the account signed there, and import what comes back", op.store.Name)
	case foreign != nil && !force:
		return nil, withHint(err, "--force signs it with a key of operator %q", op.store.Name)
	}
	return c.resign(in, choice{what: fmt.Sprintf("account %q", in.name), candidates: claims.OperatorSigners(op.claims)})
}

// resign signs an account from elsewhere again, whoever has issued it.
func (c *change) resign(in *account, by choice) ([]claims.Change, error) {
	was := in.claims.Issuer
	key, err := c.w.signer(by)
	if err != nil {
		return nil, err
	}
	if in.token, err = key.renew(in.claims, in.token); err != nil {
		return nil, err
	}
	return []claims.Change{{Field: "iss", From: was, To: key.public}}, nil
}

// arrivedAccount is an account that comes from elsewhere; reissued is what changed
// when it was signed here, on its way.
type arrivedAccount struct {
	*account
	reissued []claims.Change
}

// stageArrival stages an account that comes from elsewhere. One of the same name
// is replaced when it has the same identity and may be. known are the names in the
// store by public key; the account is added to it. Its changes are those on its
// way, unless it met another here, which is what it is compared with.
func (c *change) stageArrival(op *operator, in arrivedAccount, known map[string]string, overwrite bool) (entity, error) {
	e := entityOf(actionImported, jwtstore.KindAccount, in.claims)
	e.Operator = op.store.Name
	if err := admit(in.claims, ""); err != nil {
		return e, err
	}
	name, isKnown := known[in.claims.Subject]
	if isKnown && name != in.name {
		return e, withHint(presentf("account %q: exists already, as %q", in.claims.Subject, name), "give it its new name with: nkeep rename account %q %q", name, in.name)
	}
	known[in.claims.Subject] = in.name
	file, err := c.tokens.AddAccount(op.store.Name, in.name, in.token)
	switch {
	case errors.Is(err, fs.ErrExist) && !isKnown:
		return e, withHint(fmt.Errorf("%w, with another identity", err), "list accounts with: nkeep list accounts")
	case errors.Is(err, fs.ErrExist) && !overwrite:
		return e, err
	case errors.Is(err, fs.ErrExist):
		return e, c.replaceAccount(op, in, &e)
	case err != nil:
		return e, err
	}
	e.file("token", file)
	e.Changes = explicit(in.reissued)
	return e, nil
}

// replaceAccount stages the token of an account that is there, and warns of users
// that it does not stand behind any more. One that was signed here, on its way, is
// not needed where the same was signed before.
func (c *change) replaceAccount(op *operator, in arrivedAccount, e *entity) error {
	before, err := op.unverifiedAccount(in.name)
	if err != nil {
		return err
	}
	if before.token == in.token {
		e.Action = actionUnchanged
		return nil
	}
	changes, err := claims.Diff(before.claims, in.claims)
	if err != nil {
		return err
	}
	e.Changes = explicit(changes)
	if in.reissued != nil && len(e.Changes) == 0 {
		if _, err := op.readAccount(in.name); err == nil {
			in.token, e.Action = before.token, actionUnchanged
			return nil
		}
	}
	e.Action = actionReplaced
	if before.claims.IssuedAt > in.claims.IssuedAt {
		c.w.app.out.Warnf("account %q: what is imported was issued before what it replaces", in.name)
	}
	stranded, err := op.stranded(in.account)
	if err != nil {
		return err
	}
	if len(stranded) > 0 {
		c.w.app.out.Warnf("account %q: users that are not valid under it any more: %s", in.name, firstOf(stranded, 20))
	}
	file, err := c.tokens.PutAccount(op.store.Name, in.name, in.token)
	e.file("token", file)
	return err
}

// stranded names the users in the store that an account has not issued, as it
// comes from elsewhere.
func (o *operator) stranded(in *account) (names []string, err error) {
	all, err := o.store.UserNames(in.name)
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		token, err := o.store.User(in.name, name)
		if err == nil {
			_, err = claims.VerifyUser(token, in.claims)
		}
		if err != nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// changesIssuer says whether somebody else stands behind an entity than before.
func (e entity) changesIssuer() bool { return e.changes("iss") }

// arrivedUser is a user that comes from elsewhere; pair is nil when its seed did not
// come along.
type arrivedUser struct {
	*user
	pair nkeys.KeyPair
}

// stageArrivedUser stages a user that comes from elsewhere; its seed, if it came
// along or is stored, and creds made of both. known is as for accounts.
func (c *change) stageArrivedUser(op *operator, ac *account, u arrivedUser, known map[string]string, overwrite bool) (entity, error) {
	e := entityOf(actionImported, jwtstore.KindUser, u.claims)
	e.Operator, e.Account = op.store.Name, ac.name
	name, isKnown := known[u.claims.Subject]
	if isKnown && name != u.name {
		return e, withHint(presentf("user %q: exists already, as %q", u.claims.Subject, name), "give it its new name with: nkeep rename user %q %q -a %q", name, u.name, ac.name)
	}
	known[u.claims.Subject] = u.name
	file, err := c.tokens.AddUser(op.store.Name, ac.name, u.name, u.token)
	switch {
	case errors.Is(err, fs.ErrExist) && !isKnown:
		return e, withHint(fmt.Errorf("%w, with another identity", err), "delete it first, which revokes it, with: nkeep delete user %q -a %q", u.name, ac.name)
	case errors.Is(err, fs.ErrExist) && overwrite:
		file, err = c.replaceUser(op, ac, u, &e)
	}
	switch {
	case err != nil:
		return e, err
	case e.Action != actionUnchanged:
		e.file("token", file)
	case c.hasCreds(op, ac, u):
		return e, nil
	}
	return e, c.stageArrivedCreds(op, ac, u, &e)
}

func (c *change) replaceUser(op *operator, ac *account, u arrivedUser, e *entity) (file string, err error) {
	e.Action = actionReplaced
	if before, err := op.unverifiedUser(ac, u.name); err == nil {
		if before.token == u.token {
			e.Action = actionUnchanged
			return "", nil
		}
		if e.Changes, err = claims.Diff(before.claims, u.claims); err != nil {
			return "", err
		}
	}
	return c.tokens.PutUser(op.store.Name, ac.name, u.name, u.token)
}

// hasCreds reports whether the seed of a user and its creds are stored as they
// should be.
func (c *change) hasCreds(op *operator, ac *account, u arrivedUser) bool {
	stored, err := c.w.ring.Get(u.claims.Subject)
	return err == nil && c.w.ring.CheckCreds(op.store.Name, ac.name, u.name, u.token, u.claims.Subject, stored) == nil
}

func (c *change) stageArrivedCreds(op *operator, ac *account, u arrivedUser, e *entity) error {
	stored, err := c.w.ring.Get(u.claims.Subject)
	switch {
	case err == nil:
		u.pair = stored
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case u.pair == nil:
		return c.warnOldCreds(op, ac, u)
	}
	if err := c.put(key{u.claims.Subject, u.pair}, "key", e); err != nil {
		return err
	}
	file, err := c.keys.PutCreds(op.store.Name, ac.name, u.name, u.token, u.pair)
	e.file("creds", file)
	return err
}

// warnOldCreds tells of a creds file that cannot be made anew.
func (c *change) warnOldCreds(op *operator, ac *account, u arrivedUser) error {
	old, err := c.w.ring.HasCreds(op.store.Name, ac.name, u.name)
	if old {
		c.w.app.out.Warnf("user %q: its seed is not known here, so that its creds file keeps the token as it was", u.name)
	}
	return err
}

// weigh tells of what is amiss with something from elsewhere, and refuses what
// servers would refuse unless that is to be skipped; way says how.
func (a *app) weigh(c jwt.Claims, issues []claims.Issue, skip bool, way string) error {
	var bad []string
	for _, i := range issues {
		text := i.Text
		if i.Field != "" {
			text = i.Field + ": " + text
		}
		if i.Level == claims.LevelError && !skip {
			bad = append(bad, text)
			continue
		}
		a.out.Warnf("%s %q: %s", c.ClaimType(), c.Claims().Name, text)
	}
	if len(bad) == 0 {
		return nil
	}
	return withHint(checksError{fmt.Errorf("%s %q: %s", c.ClaimType(), c.Claims().Name, strings.Join(bad, "; "))}, "%s", way)
}
