package keystore

import (
	"iter"
	"path"
	"strings"
)

// CredsNames lists the users of an account that have a creds file, sorted by
// name. It opens none: whether the users still exist is not known here.
func (r *Ring) CredsNames(operator, account string) ([]string, error) {
	if err := checkNames(operator, account); err != nil {
		return nil, err
	}
	entries, err := r.dir.List(credsOf(operator, account))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), credsExt); ok && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// CredsEntry is a creds file in the keystore, by its name alone.
type CredsEntry struct {
	Account string
	User    string
	Path    string // absolute
}

// AllCreds goes through the creds files of an operator's users, sorted by
// account and user. It opens none. A file whose account or user is in no store
// is listed as well: whoever holds it may still log in. An error that has an
// account beside it is about this account, and others follow.
func (r *Ring) AllCreds(operator string) iter.Seq2[CredsEntry, error] {
	return func(yield func(CredsEntry, error) bool) {
		if err := checkNames(operator); err != nil {
			yield(CredsEntry{}, err)
			return
		}
		accounts, err := r.dir.List(path.Join(credsDir, operator))
		if err != nil {
			yield(CredsEntry{}, err)
			return
		}
		for _, e := range accounts {
			if e.IsDir() && !r.allCredsOf(operator, e.Name(), yield) {
				return
			}
		}
	}
}

// allCredsOf goes through the creds files of an account; false ends the walk.
func (r *Ring) allCredsOf(operator, account string, yield func(CredsEntry, error) bool) bool {
	users, err := r.CredsNames(operator, account)
	if err != nil {
		return yield(CredsEntry{Account: account, Path: r.dir.Path(credsOf(operator, account))}, err)
	}
	for _, user := range users {
		if !yield(CredsEntry{Account: account, User: user, Path: r.CredsPath(operator, account, user)}, nil) {
			return false
		}
	}
	return true
}
