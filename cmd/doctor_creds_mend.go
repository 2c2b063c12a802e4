package cmd

import (
	"errors"
	"fmt"
	"io/fs"
)

// currentCreds writes the creds of a user as they have to be, with the seed from
// the keystore, or else from the creds file at another place.
func (x *examination) currentCreds(c *change, at entityPlace, u *seenUser, from entityPlace) error {
	kp, err := x.w.ring.Get(u.subject)
	if errors.Is(err, fs.ErrNotExist) {
		_, kp, err = x.w.ring.Creds(from.operator, from.account, from.user)
	}
	if err != nil {
		return err
	}
	token := u.token
	if token == "" {
		store, err := x.w.root.Operator(at.operator)
		if err != nil {
			return err
		}
		if token, err = store.User(at.account, at.user); err != nil {
			return err
		}
	}
	if public, err := kp.PublicKey(); err != nil || public != u.subject {
		return fmt.Errorf("creds of user %q: hold another key", at.user)
	}
	_, err = c.keys.PutCreds(at.operator, at.account, at.user, token, kp)
	return err
}

// writtenAnew adds that a user gets the creds he should have, if his seed is stored.
func (x *examination) writtenAnew(f finding, at entityPlace, u *seenUser) finding {
	if u == nil {
		return f
	}
	if stored, err := x.w.ring.Has(u.subject); err != nil || !stored {
		return f
	}
	f.Fix += " and writes the user's own anew"
	before := f.mend.stage
	f.mend.stage = func(c *change) error {
		if before != nil {
			if err := before(c); err != nil {
				return err
			}
		}
		return x.currentCreds(c, at, u, at)
	}
	return f
}
