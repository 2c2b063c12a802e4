package jwtstore

import (
	"io/fs"
	"path"

	"nkeep/internal/safefile"
)

// RemoveUser stages the removal of a user's token and returns where it lies.
// One that is not there is an [*EntityError] wrapping [fs.ErrNotExist].
func (t *Tx) RemoveUser(operator, account, name string) (file string, err error) {
	if err := checkElements(KindUser, operator, account, name); err != nil {
		return "", err
	}
	return t.remove(KindUser, name, path.Join(operator, userFile(account, name)))
}

// RemoveAccount stages the removal of an account's token, and returns where it
// lies. Its users have to be removed as well: without their account they are
// beyond the reach of every other command.
func (t *Tx) RemoveAccount(operator, name string) (file string, err error) {
	if err := checkElements(KindAccount, operator, name); err != nil {
		return "", err
	}
	return t.remove(KindAccount, name, path.Join(operator, accountFile(name)))
}

func (t *Tx) remove(kind, name, file string) (string, error) {
	there, err := t.exists(file)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", &EntityError{kind, name, err}
	}
	t.tx.Remove(safefile.Tokens, t.root.dir, file)
	return t.root.dir.Path(file), nil
}
