package keystore

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/nats-io/nkeys"
)

// ErrStale is wrapped by the error about creds that do not hold the present
// token of their user.
var ErrStale = errors.New("holds another token than the present one of the user")

// CheckCreds reads the creds file of a user and compares it with what it should
// hold: the token, and the seed of the public key. The pair of that key may be
// handed over by who has it at hand, which saves deriving it again. It wraps
// [fs.ErrNotExist] when there is no file, and [ErrStale].
func (r *Ring) CheckCreds(operator, account, user, token, public string, kp nkeys.KeyPair) error {
	if err := checkNames(operator, account, user); err != nil {
		return err
	}
	name := credsFile(operator, account, user)
	f, err := r.dir.Read(name, maxCredsFile)
	if err != nil {
		return err
	}
	defer clear(f.Data)
	if err := r.trusted(name, f.Info); err != nil {
		return err
	}
	items := framed(f.Data)
	if len(items) != 2 {
		return errors.New("does not hold a token and a seed")
	}
	if err := seedFits(items[1], public, kp); err != nil {
		return err
	}
	if string(items[0]) != token {
		return ErrStale
	}
	return nil
}

// seedFits compares a seed with that of a pair, or, without one, with a public key.
func seedFits(seed []byte, public string, kp nkeys.KeyPair) error {
	if kp != nil {
		want, err := kp.Seed()
		if err == nil && subtle.ConstantTimeCompare(seed, want) == 1 {
			return nil
		}
	}
	got, err := pairOf(seed)
	if err != nil {
		return err
	}
	defer got.Wipe()
	if key, err := got.PublicKey(); err != nil || key != public {
		return fmt.Errorf("holds the seed of another key, %q", key)
	}
	return nil
}

// framed returns the lines that stand alone between two lines of dashes: in
// creds the token, then the seed. They are parts of data. The expression by
// which the jwt library finds them takes longer than reading the file.
func framed(data []byte) [][]byte {
	var items [][]byte
	var item []byte // what may be one, when the next line is of dashes
	open := false
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		switch dashes := bytes.HasPrefix(line, []byte("---")) && bytes.HasSuffix(line, []byte("---")); {
		case dashes && item != nil:
			items, item, open = append(items, item), nil, false
		case dashes:
			open = true
		case open && len(line) > 0:
			item, open = line, false
		default:
			item, open = nil, false
		}
	}
	return items
}
