package cmd

import (
	"errors"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"
)

// stage writes what is not there yet: operator, account, seed and user.
func (o *load) stage(c *change, r remoteOperator, ac *account, k, made key) ([]entity, error) {
	operator, store, err := o.stageOperator(c, r)
	if err != nil {
		return nil, err
	}
	known, has := "", false
	if store != nil {
		if known, has, err = store.AccountByKey(k.public); err != nil {
			return nil, err
		}
	}
	e := entityOf(actionImported, jwtstore.KindAccount, ac.claims)
	e.Operator = r.name
	var file string
	if has {
		ac.name, e.Name, e.Action = known, known, actionReplaced
		file, err = c.tokens.PutAccount(r.name, known, ac.token)
	} else {
		file, err = c.tokens.AddAccount(r.name, ac.name, ac.token)
	}
	if err != nil {
		return nil, withHint(err, "an account of this name has another identity: rename it first")
	}
	e.file("token", file)
	if err := c.put(k, "key", &e); err != nil {
		return nil, err
	}
	done := []entity{operator, e}
	user, ok, err := o.stageUser(c, r, ac, k, made, store)
	if err != nil {
		return nil, err
	}
	if ok {
		done = append(done, user)
	}
	return done, c.choose(r.name, ac.name)
}

// stageOperator writes the operator, unless it is there; then its store is returned.
func (o *load) stageOperator(c *change, r remoteOperator) (entity, *jwtstore.Store, error) {
	e, err := c.stageOperator(r)
	if !errors.Is(err, fs.ErrExist) {
		return e, nil, err
	}
	op, err := c.w.operator(r.name)
	if err != nil {
		return e, nil, err
	}
	switch {
	case op.claims.Subject != r.claims.Subject:
		return e, nil, presentf("operator %q: exists already, with another identity: %s", r.name, op.claims.Subject)
	case !op.store.Managed:
		return e, nil, presentf("operator %q: exists already, and is run from here", r.name)
	}
	e.Action, e.Files = actionUnchanged, nil
	if op.token != r.token && r.claims.IssuedAt >= op.claims.IssuedAt {
		e.Action = actionReplaced
		if e.Changes, err = claims.Diff(op.claims, r.claims); err != nil {
			return e, nil, err
		}
		file, err := c.tokens.PutOperator(r.name, r.token)
		e.file("token", file)
		return e, op.store, err
	}
	return e, op.store, nil
}

// stageUser makes the user, unless it is there or nothing here may sign it.
func (o *load) stageUser(c *change, r remoteOperator, ac *account, k, made key, store *jwtstore.Store) (e entity, ok bool, err error) {
	if store != nil {
		token, err := store.User(ac.name, o.user)
		if err == nil {
			return o.knownUser(ac, token)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return e, false, err
		}
	}
	plain, _ := claims.UserSigners(r.claims, ac.claims)
	by, found := signerOf(k.public, k.pair), !r.claims.StrictSigningKeyUsage
	if !found {
		if by, found, err = c.w.storedSigner(plain); err != nil {
			return e, false, err
		}
	}
	if !found {
		o.out.Warnf("user %q is not made: operator %q requires signing keys, and of account %q none is here; make one with: nkeep edit account %q --sk generate", o.user, r.name, ac.name, ac.name)
		return e, false, nil
	}
	uc := claims.NewUser(made.public, o.user)
	if by.public != ac.claims.Subject {
		uc.IssuerAccount = ac.claims.Subject
	}
	e, err = c.addUser(r.name, ac.name, made, uc, by)
	return e, err == nil, err
}

// knownUser is a user that is there already.
func (o *load) knownUser(ac *account, token string) (entity, bool, error) {
	uc, err := claims.VerifyUser(token, ac.claims)
	if err != nil {
		return entity{}, false, fmt.Errorf("user %q: %w", o.user, err)
	}
	e := entityOf(actionUnchanged, jwtstore.KindUser, uc)
	e.Account, e.Expires = ac.name, render.Time(uc.Expires)
	return e, true, nil
}
