package cmd

import (
	"context"
	"fmt"
	"sync"

	"github.com/nats-io/nkeys"
)

// key is an nkey as a command has it: the pair is nil when only the public key
// is known.
type key struct {
	public string
	pair   nkeys.KeyPair
}

// newKey generates an nkey.
func (a *app) newKey(kind nkeys.PrefixByte) (key, error) {
	pair, err := nkeys.CreatePairWithRand(kind, a.env.Rand)
	if err != nil {
		return key{}, fmt.Errorf("generate a key: %w", err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return key{}, fmt.Errorf("generate a key: %w", err)
	}
	return key{public, pair}, nil
}

// identity is the key that was given for a new entity, or a new one.
func (w *workspace) identity(given string, kind nkeys.PrefixByte) (key, error) {
	if given == "" {
		return w.app.newKey(kind)
	}
	return w.givenKey(given, kind)
}

// begin opens the workspace for something new, and settles its name and key. A
// new key is made while other work goes on: the first use of ed25519 in a
// process, which builds tables, takes as long as reading what is to be signed.
func (a *app) begin(ctx context.Context, named, givenKey string, kind nkeys.PrefixByte) (w *workspace, name string, identity func() (key, error), err error) {
	if name, err = a.newName(named); err != nil {
		return nil, "", nil, err
	}
	if w, err = a.open(ctx); err != nil {
		return nil, "", nil, err
	}
	identity = sync.OnceValues(func() (key, error) { return w.identity(givenKey, kind) })
	if givenKey == "" {
		go func() { _, _ = identity() }()
		return w, name, identity, nil
	}
	_, err = identity()
	return w, name, identity, err
}

// givenKey understands a public key, a seed or a file that holds either.
func (w *workspace) givenKey(value string, kind nkeys.PrefixByte) (key, error) {
	public, pair, err := w.ring.Resolve(value)
	if err != nil {
		return key{}, usageError{err}
	}
	if nkeys.Prefix(public) != kind {
		return key{}, usagef("key %q: is not of the kind %q", public, kind)
	}
	return key{public, pair}, nil
}

// signingKey understands what --sk takes: generate, or a key.
func (w *workspace) signingKey(value string, kind nkeys.PrefixByte) (key, error) {
	if value == "generate" {
		return w.app.newKey(kind)
	}
	return w.givenKey(value, kind)
}

// signingKeys replaces the values of --sk by public keys, and returns the keys.
func (w *workspace) signingKeys(values []string, kind nkeys.PrefixByte) (publics []string, keys []key, err error) {
	for _, value := range values {
		k, err := w.signingKey(value, kind)
		if err != nil {
			return nil, nil, err
		}
		publics, keys = append(publics, k.public), append(keys, k)
	}
	return publics, keys, nil
}

// put stages the seed of a key when it is known, and adds it to the report.
func (c *change) put(k key, what string, e *entity) error {
	if k.pair == nil {
		return nil
	}
	file, err := c.keys.Put(k.pair)
	if err != nil {
		return err
	}
	e.file(what, file)
	return nil
}

// putSigningKeys stages the seeds of signing keys that are known.
func (c *change) putSigningKeys(keys []key, e *entity) error {
	for _, k := range keys {
		stored := k.pair != nil
		if !stored {
			var err error
			if stored, err = c.w.ring.Has(k.public); err != nil {
				return err
			}
		}
		e.Keys = append(e.Keys, madeKey{k.public, stored})
		if err := c.put(k, "signing key", e); err != nil {
			return err
		}
	}
	return nil
}
