package keystore

import (
	"bytes"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
)

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
			if e.IsDir() && !r.allCredsOf(operator, e, yield) {
				return
			}
		}
	}
}

// allCredsOf goes through the creds files of an account; false ends the walk.
func (r *Ring) allCredsOf(operator string, account fs.DirEntry, yield func(CredsEntry, error) bool) bool {
	dir := credsOf(operator, account.Name())
	files, err := r.dir.List(dir)
	if err != nil {
		return yield(CredsEntry{Account: account.Name(), Path: r.dir.Path(dir)}, err)
	}
	for _, f := range files {
		user, ok := strings.CutSuffix(f.Name(), credsExt)
		if !ok || f.IsDir() {
			continue
		}
		if !yield(CredsEntry{Account: account.Name(), User: user, Path: r.dir.Path(dir, f.Name())}, nil) {
			return false
		}
	}
	return true
}

// CredsToken reads the token in a user's creds file and leaves the seed alone.
// It is not verified. Since a token is no secret, the file may be one that
// others can read, too. It wraps [fs.ErrNotExist] when there is none.
func (r *Ring) CredsToken(operator, account, user string) (string, error) {
	if err := checkNames(operator, account, user); err != nil {
		return "", err
	}
	f, err := r.dir.Read(credsFile(operator, account, user), maxCredsFile)
	if err != nil {
		return "", err
	}
	defer clear(f.Data)
	token := bytes.TrimSpace(f.Data)
	if items := framed(f.Data); len(items) > 0 {
		token = items[0]
	}
	if bytes.Count(token, []byte(".")) != 2 {
		return "", fmt.Errorf("file %q: does not hold a token", r.CredsPath(operator, account, user))
	}
	return string(token), nil
}
