package jwtstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"nkeep/internal/safefile"
)

// Tx stages changes of tokens within a transaction. Reading through the stores
// inside it sees what is on disk, which nobody else changes meanwhile.
type Tx struct {
	root  *Root
	tx    *safefile.Tx
	names map[string]*accountNames // by operator
}

// Participant is another directory that takes part in a transaction.
type Participant interface{ Dir() *safefile.Dir }

// Update changes tokens, and with them what the participants stage through
// [Tx.Shared], as one transaction; see [safefile.Update].
func (r *Root) Update(ctx context.Context, fn func(*Tx) error, with ...Participant) error {
	dirs := []*safefile.Dir{r.dir}
	for _, p := range with {
		dirs = append(dirs, p.Dir())
	}
	return safefile.Update(ctx, dirs, func(tx *safefile.Tx) error { return fn(&Tx{root: r, tx: tx}) })
}

// Shared is the transaction itself, for participants to stage into.
func (t *Tx) Shared() *safefile.Tx { return t.tx }

// AddOperator stages a new operator: its directory, marker and token. A name
// that is taken is an [*EntityError] wrapping [fs.ErrExist].
func (t *Tx) AddOperator(name, token string, managed bool) (file string, err error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	for _, n := range []string{path.Join(name, markerFile), operatorFile(name)} {
		if taken, err := t.exists(n); taken || err != nil {
			return "", orExists(KindOperator, name, err)
		}
	}
	m, err := json.Marshal(marker{Managed: managed, Name: name, Kind: KindOperator, Version: "1"})
	if err != nil {
		return "", fmt.Errorf("operator %q: %w", name, err)
	}
	t.tx.Put(safefile.Marks, t.root.dir, path.Join(name, markerFile), m)
	return t.PutOperator(name, token)
}

// PutOperator stages the token of an operator.
func (t *Tx) PutOperator(name, token string) (file string, err error) {
	if err := checkElements(KindOperator, name); err != nil {
		return "", err
	}
	return t.put(findOperatorFile(t.root.dir, name), token), nil
}

// AddAccount stages the token of a new account. Account names are unique in an
// operator whatever their case; one that is taken is an [*EntityError].
func (t *Tx) AddAccount(operator, name, token string) (file string, err error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	if err := t.accountFree(operator, name); err != nil {
		return "", err
	}
	return t.PutAccount(operator, name, token)
}

func (t *Tx) accountFree(operator, name string) error {
	if err := checkElements(KindOperator, operator); err != nil {
		return err
	}
	names := t.accountNames(operator)
	if err := names.list(t.root.dir, operator); err != nil {
		return err
	}
	for _, like := range names.like[fold(name)] {
		if taken, err := t.exists(path.Join(operator, accountFile(like))); taken || err != nil {
			return orExists(KindAccount, like, err)
		}
	}
	return nil
}

// PutAccount stages the token of an account.
func (t *Tx) PutAccount(operator, name, token string) (file string, err error) {
	if err := checkElements(KindAccount, operator, name); err != nil {
		return "", err
	}
	t.accountNames(operator).add(name)
	return t.put(path.Join(operator, accountFile(name)), token), nil
}

// AddUser stages the token of a new user; a name that is taken is an [*EntityError].
func (t *Tx) AddUser(operator, account, name, token string) (file string, err error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	if err := checkElements(KindUser, operator, account); err != nil {
		return "", err
	}
	if taken, err := t.exists(path.Join(operator, userFile(account, name))); taken || err != nil {
		return "", orExists(KindUser, name, err)
	}
	return t.PutUser(operator, account, name, token)
}

// PutUser stages the token of a user.
func (t *Tx) PutUser(operator, account, name, token string) (file string, err error) {
	if err := checkElements(KindUser, operator, account, name); err != nil {
		return "", err
	}
	return t.put(path.Join(operator, userFile(account, name)), token), nil
}

func (t *Tx) put(name, token string) string {
	t.tx.Put(safefile.Tokens, t.root.dir, name, []byte(token))
	return t.root.dir.Path(name)
}

func (t *Tx) exists(name string) (bool, error) {
	if _, ok := t.tx.Staged(t.root.dir, name); ok {
		return true, nil
	}
	if t.tx.Removed(t.root.dir, name) {
		return false, nil
	}
	_, err := t.root.dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// orExists is err, or that the name is taken when there is none.
func orExists(kind, name string, err error) error {
	if err == nil {
		err = fs.ErrExist
	}
	return &EntityError{kind, name, err}
}
