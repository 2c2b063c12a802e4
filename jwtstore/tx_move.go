package jwtstore

import (
	"io/fs"
	"path"

	"nkeep/internal/safefile"
)

// AccountRef names an account and the operator whose it is.
type AccountRef struct{ Operator, Account string }

// MoveOperator stages an operator's new name, under which its token is the one given.
// Its accounts have to be moved as well: without their operator they are beyond
// the reach of every other command.
func (t *Tx) MoveOperator(from, to, token string, managed bool) (file string, err error) {
	if _, err := t.RemoveOperator(from); err != nil {
		return "", err
	}
	return t.AddOperator(to, token, managed)
}

// RemoveOperator stages the removal of an operator's token and marker, and
// returns where the token lies, or would lie. Its accounts have to be removed as well.
func (t *Tx) RemoveOperator(name string) (file string, err error) {
	if err := checkElements(KindOperator, name); err != nil {
		return "", err
	}
	t.tx.Remove(safefile.Marks, t.root.dir, path.Join(name, markerFile))
	file = findOperatorFile(t.root.dir, name)
	t.tx.Remove(safefile.Tokens, t.root.dir, file)
	return t.root.dir.Path(file), nil
}

// MoveAccount stages an account's new name or operator, under which its token is
// the one given. Its users have to be moved as well, see [Tx.MoveUser].
func (t *Tx) MoveAccount(from, to AccountRef, token string) (file string, err error) {
	if _, err := t.RemoveAccount(from.Operator, from.Account); err != nil {
		return "", err
	}
	if file, err = t.AddAccount(to.Operator, to.Account, token); err != nil {
		return "", err
	}
	// Where a file system makes no difference of case, a name that differs in
	// nothing else is the same file, which would be written and then removed.
	_, err = t.root.dir.Stat(path.Join(to.Operator, accountFile(to.Account)))
	if err == nil {
		return "", &EntityError{KindAccount, to.Account, fs.ErrExist}
	}
	return file, nil
}

// MoveUser stages that a user goes along with its account: its token stays as it
// is, read or not.
func (t *Tx) MoveUser(from, to AccountRef, name string) (file string, err error) {
	if err := checkElements(KindUser, from.Operator, from.Account, to.Operator, to.Account, name); err != nil {
		return "", err
	}
	source, target := path.Join(from.Operator, userFile(from.Account, name)), path.Join(to.Operator, userFile(to.Account, name))
	f, err := t.root.dir.Read(source, maxToken)
	if err != nil {
		return "", &EntityError{KindUser, name, err}
	}
	if taken, err := t.exists(target); taken || err != nil {
		return "", orExists(KindUser, name, err)
	}
	t.tx.Remove(safefile.Tokens, t.root.dir, source)
	return t.put(target, string(f.Data)), nil
}
