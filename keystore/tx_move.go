package keystore

import (
	"errors"
	"fmt"
	"io/fs"

	"nkeep/internal/safefile"
)

// Owner names the user whom creds are for, its account and its operator.
type Owner struct{ Operator, Account, User string }

// MoveCreds stages that a creds file belongs to another name from now on. Its
// content stays as it is. A file that lies there already is an error that wraps
// [fs.ErrExist].
func (t *Tx) MoveCreds(from, to Owner) (file string, err error) {
	if err := checkNames(from.Operator, from.Account, from.User, to.Operator, to.Account, to.User); err != nil {
		return "", err
	}
	source, target := credsFile(from.Operator, from.Account, from.User), credsFile(to.Operator, to.Account, to.User)
	f, err := t.ring.dir.Read(source, maxCredsFile)
	if err != nil {
		return "", fmt.Errorf("creds of user %q: %w", from.User, err)
	}
	if err := t.ring.trusted(source, f.Info); err != nil {
		return "", err
	}
	if _, err := t.ring.dir.Stat(target); err == nil {
		return "", fmt.Errorf("file %q: %w", t.ring.dir.Path(target), fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	t.tx.Remove(safefile.Creds, t.ring.dir, source)
	return t.PutFormatted(to.Operator, to.Account, to.User, f.Data)
}
