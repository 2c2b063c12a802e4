package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"nkeep/internal/safefile"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// CredsPath is the file that holds, or would hold, the creds of a user.
func (r *Ring) CredsPath(operator, account, user string) string {
	return r.dir.Path(credsFile(operator, account, user))
}

// HasCreds reports whether a user's creds file is there.
func (r *Ring) HasCreds(operator, account, user string) (bool, error) {
	if err := checkNames(operator, account, user); err != nil {
		return false, err
	}
	_, err := r.dir.Stat(credsFile(operator, account, user))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Creds reads the creds file of a user: its token, not verified, and its key
// pair. It wraps [fs.ErrNotExist] when there is none.
func (r *Ring) Creds(operator, account, user string) (token string, kp nkeys.KeyPair, err error) {
	if err := checkNames(operator, account, user); err != nil {
		return "", nil, err
	}
	file := r.CredsPath(operator, account, user)
	f, err := r.dir.Read(credsFile(operator, account, user), maxCredsFile)
	if err != nil {
		return "", nil, fmt.Errorf("creds of user %q: %w", user, err)
	}
	defer clear(f.Data)
	if err := r.trusted(credsFile(operator, account, user), f.Info); err != nil {
		return "", nil, err
	}
	token, kp, err = ParseCreds(f.Data)
	if err != nil {
		return "", nil, fmt.Errorf("file %q: %w", file, err)
	}
	return token, kp, nil
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

// ParseCreds takes a creds file apart. The token is not verified.
func ParseCreds(data []byte) (token string, kp nkeys.KeyPair, err error) {
	token, err = jwt.ParseDecoratedJWT(data)
	// What it finds no token in it returns as it is, the seed included.
	if err != nil || len(strings.Fields(token)) != 1 || strings.Count(token, ".") != 2 {
		return "", nil, errors.New("does not hold a token")
	}
	kp, err = jwt.ParseDecoratedUserNKey(data)
	if err != nil {
		return "", nil, errors.New("does not hold a user seed")
	}
	return token, kp, nil
}

// checkNames keeps what becomes part of a path from leading anywhere else.
// Names that are on disk already may be older than today's rule for new ones:
// only what would leave the directory is refused.
func checkNames(names ...string) error {
	for _, n := range names {
		if err := safefile.CheckElement(n); err != nil {
			return err
		}
	}
	return nil
}
