package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"nkeep/claims"
)

// encode is the JSON of a profile as nsc indents it.
func (v profileView) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// profile finds what is asked for. Secret says that a seed is in it.
func (w *workspace) profile(asked claims.Profile) (v profileView, secret bool, err error) {
	op, err := w.profileOperator(asked.Operator.NameOrKey)
	if err != nil {
		return v, false, err
	}
	if v.Operator, err = w.profilePart(asked.Operator, op.store.Name, op.claims.Subject, op.claims.SigningKeys); err != nil {
		return v, false, err
	}
	v.Operator.Service = op.claims.OperatorServiceURLs
	if asked.Account != nil {
		if err := w.profileAccount(asked, op, &v); err != nil {
			return v, false, err
		}
	}
	for _, part := range []*profilePart{&v.Operator, v.Account, v.User} {
		secret = secret || part != nil && part.Seed != ""
	}
	return v, secret, nil
}

func (w *workspace) profileOperator(named string) (*operator, error) {
	name, err := w.operatorNamed(named)
	if err == nil {
		names, listErr := w.root.Operators()
		name, err = asWritten(name, names), listErr
	}
	if err != nil {
		return nil, err
	}
	return w.operator(name)
}

// profileAccount adds the account, and the user if one is named.
func (w *workspace) profileAccount(asked claims.Profile, op *operator, v *profileView) error {
	name, err := findAccount(op.store, asked.Account.NameOrKey)
	if err != nil {
		return err
	}
	names, err := op.store.AccountNames()
	if err != nil {
		return err
	}
	ac, err := op.account(asWritten(name, names))
	if err != nil {
		return err
	}
	if !asked.Account.Empty() {
		part, err := w.profilePart(asked.Account, ac.name, ac.claims.Subject, ac.claims.SigningKeys.Keys())
		if err != nil {
			return err
		}
		v.Account = &part
	}
	if asked.User != nil {
		return w.profileUser(asked.User, op, ac, v)
	}
	return nil
}

func (w *workspace) profileUser(asked *claims.ProfilePart, op *operator, ac *account, v *profileView) error {
	name, err := userNamed(op.store, ac.name, asked.NameOrKey)
	if err != nil {
		return err
	}
	names, err := op.store.UserNames(ac.name)
	if err != nil {
		return err
	}
	u, err := op.user(ac, asWritten(name, names))
	if err != nil {
		return err
	}
	if !asked.Empty() {
		part, err := w.profilePart(asked, u.name, u.claims.Subject, nil)
		if err != nil {
			return err
		}
		v.User = &part
	}
	v.UserCreds, err = w.credsOf(op, ac, u)
	if errors.Is(err, fs.ErrNotExist) { // a program that needs creds says so itself
		w.app.out.Warnf("%v", err)
		err = nil
	}
	return err
}

// asWritten is a name as it is in the store: itself or, if there is none like that,
// the only one that differs in case alone.
func asWritten(name string, names []string) string {
	if slices.Contains(names, name) {
		return name
	}
	alike := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.EqualFold(n, name) })
	if len(alike) != 1 {
		return name
	}
	return alike[0]
}

// profilePart is what is asked for of one entity, which has these signing keys.
func (w *workspace) profilePart(asked *claims.ProfilePart, name, public string, signing []string) (part profilePart, err error) {
	if asked.Name {
		part.Name = name
	}
	if asked.Key {
		part.ID = public
	}
	if !asked.Seed {
		return part, nil
	}
	key := public
	if asked.SeedOf != "" {
		key = asked.SeedOf
	}
	if key != public && !slices.Contains(signing, key) {
		return part, missingf("key %q: is not a key of %q", key, name)
	}
	kp, err := w.ring.Get(key)
	if err != nil {
		return part, withHint(err, "list the keys that are stored with: nkeep list keys -A")
	}
	defer kp.Wipe()
	seed, err := kp.Seed()
	if err != nil {
		return part, fmt.Errorf("seed of %q: %w", key, err)
	}
	defer clear(seed)
	part.Seed = string(seed)
	return part, nil
}
