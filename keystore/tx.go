package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"nkeep/internal/safefile"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Tx stages changes of a keystore within a transaction.
type Tx struct {
	ring *Ring
	tx   *safefile.Tx

	ignoring bool // .gitignore has been looked after
}

// In makes the keystore part of a transaction whose directories include [Ring.Dir].
func (r *Ring) In(tx *safefile.Tx) *Tx { return &Tx{ring: r, tx: tx} }

// Put stages the seed of a key pair and returns the file it will be in. A key
// that is stored already is left as it is.
func (t *Tx) Put(kp nkeys.KeyPair) (file string, err error) {
	public, err := kp.PublicKey()
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	return t.PutKnown(public, kp)
}

// PutKnown is [Tx.Put] for who has the public key of the pair at hand: to work it
// out takes longer than all the rest.
func (t *Tx) PutKnown(public string, kp nkeys.KeyPair) (file string, err error) {
	if !nkeys.IsValidPublicKey(public) {
		return "", &KeyError{public, errors.New("is not a public key")}
	}
	seed, err := kp.Seed()
	if err != nil {
		return "", &KeyError{public, errors.New("has no seed to store")}
	}
	name := keyFile(public)
	if err := t.ring.privateDirs(name); err != nil {
		return "", &KeyError{public, err}
	}
	file = t.ring.dir.Path(name)
	f, err := t.ring.dir.Read(name, maxKeyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist), t.tx.Removed(t.ring.dir, name):
		t.putIgnore()
		t.tx.Put(safefile.Keys, t.ring.dir, name, seed)
		return file, nil
	case err != nil:
		return "", &KeyError{public, err}
	}
	defer clear(f.Data)
	if err := t.ring.private(f.Info, file); err != nil {
		return "", &KeyError{public, err}
	}
	if !bytes.Equal(bytes.TrimSpace(f.Data), seed) {
		return "", &KeyError{public, fmt.Errorf("file %q exists and holds something else", file)}
	}
	return file, nil
}

func (t *Tx) putIgnore() {
	if t.ring.opts.NoGitIgnore || t.ignoring {
		return
	}
	t.ignoring = true
	if _, err := t.ring.dir.Stat(ignoreFile); errors.Is(err, fs.ErrNotExist) {
		t.tx.Put(safefile.Keys, t.ring.dir, ignoreFile, []byte(ignored))
	}
}

// Remove stages the removal of a seed.
func (t *Tx) Remove(public string) error {
	if !nkeys.IsValidPublicKey(public) {
		return &KeyError{public, errors.New("is not a public key")}
	}
	t.tx.Remove(safefile.Keys, t.ring.dir, keyFile(public))
	return nil
}

// PutCreds stages the creds file of a user, made of its token and its key pair,
// and returns where it will be.
func (t *Tx) PutCreds(operator, account, user, token string, kp nkeys.KeyPair) (file string, err error) {
	creds, err := Format(token, kp)
	if err != nil {
		return "", fmt.Errorf("creds of user %q: %w", user, err)
	}
	return t.PutFormatted(operator, account, user, creds)
}

// PutFormatted is [Tx.PutCreds] for content that [Format] has made.
func (t *Tx) PutFormatted(operator, account, user string, creds []byte) (file string, err error) {
	if err := checkNames(operator, account, user); err != nil {
		return "", err
	}
	name := credsFile(operator, account, user)
	if err := t.ring.privateDirs(name); err != nil {
		return "", fmt.Errorf("creds of user %q: %w", user, err)
	}
	t.putIgnore()
	t.tx.Put(safefile.Creds, t.ring.dir, name, creds)
	return t.ring.dir.Path(name), nil
}

// RemoveCreds stages the removal of a user's creds file.
func (t *Tx) RemoveCreds(operator, account, user string) error {
	if err := checkNames(operator, account, user); err != nil {
		return err
	}
	t.tx.Remove(safefile.Creds, t.ring.dir, credsFile(operator, account, user))
	return nil
}

// Format makes the content of a creds file, after it has made sure that the token
// is a user's and the pair that user's. The format is the jwt library's user
// configuration.
func Format(token string, kp nkeys.KeyPair) ([]byte, error) {
	seed, err := kp.Seed()
	if err != nil {
		return nil, err
	}
	return jwt.FormatUserConfig(token, seed)
}

// FormatOwn is [Format] for a token that the caller has just signed for the pair:
// it makes sure of nothing, which takes most of the time.
func FormatOwn(token string, kp nkeys.KeyPair) ([]byte, error) {
	seed, err := kp.Seed()
	if err != nil {
		return nil, err
	}
	decorated, err := jwt.DecorateSeed(seed)
	if err != nil {
		return nil, err
	}
	const begin, end = "-----BEGIN NATS USER JWT-----\n", "\n------END NATS USER JWT------\n\n"
	return slices.Concat([]byte(begin), []byte(token), []byte(end), decorated), nil
}
