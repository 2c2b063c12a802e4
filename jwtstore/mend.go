package jwtstore

import (
	"encoding/json"
	"fmt"
	"path"

	"nkeep/internal/safefile"
)

// PutMarker stages the file by which a directory is known as an operator's.
func (t *Tx) PutMarker(operator string, managed bool) error {
	if err := checkElements(KindOperator, operator); err != nil {
		return err
	}
	m, err := json.Marshal(marker{Managed: managed, Name: operator, Kind: KindOperator, Version: "1"})
	if err != nil {
		return fmt.Errorf("operator %q: %w", operator, err)
	}
	t.tx.Put(safefile.Tokens, t.root.dir, path.Join(operator, markerFile), m)
	return nil
}

// Refile stages the move of a token from where it was found to the place of a
// user. A name that is taken is an [*EntityError] wrapping [fs.ErrExist].
func (t *Tx) Refile(from Found, operator, account, name string) error {
	if _, err := t.AddUser(operator, account, name, from.Token); err != nil {
		return err
	}
	t.tx.Remove(safefile.Tokens, t.root.dir, from.File)
	return nil
}
