package cmd

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
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
	raw, err := a.randomSeed()
	if err != nil {
		return key{}, err
	}
	return keyFrom(kind, raw)
}

// randomSeed is what an nkey is made of.
func (a *app) randomSeed() (raw [ed25519.SeedSize]byte, err error) {
	if _, err := io.ReadFull(a.env.Rand, raw[:]); err != nil {
		return raw, fmt.Errorf("generate a key: %w", err)
	}
	return raw, nil
}

// keyFrom makes an nkey out of randomness. Most of the time goes into its public
// half, which nkeys would work out twice.
func keyFrom(kind nkeys.PrefixByte, raw [ed25519.SeedSize]byte) (key, error) {
	defer clear(raw[:])
	seed, err := nkeys.EncodeSeed(kind, raw[:])
	if err != nil {
		return key{}, fmt.Errorf("generate a key: %w", err)
	}
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return key{}, fmt.Errorf("generate a key: %w", err)
	}
	if kind == nkeys.PrefixByteCurve {
		public, err := pair.PublicKey()
		return key{public, pair}, err
	}
	private := ed25519.NewKeyFromSeed(raw[:])
	defer clear(private)
	public, err := nkeys.Encode(kind, private[ed25519.SeedSize:])
	if err != nil {
		return key{}, fmt.Errorf("generate a key: %w", err)
	}
	return key{string(public), pair}, nil
}

// begin opens the workspace for new entities, and settles their keys: the ones
// that are given, and new ones. These are made while other work goes on: even a
// single one, with the tables that the first use of ed25519 builds, takes as
// long as reading what is to be signed.
func (a *app) begin(ctx context.Context, kind nkeys.PrefixByte, given ...string) (*workspace, func() ([]key, error), error) {
	w, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	keys, raw := make([]key, len(given)), make([][ed25519.SeedSize]byte, len(given))
	for i, value := range given {
		if value == "" {
			raw[i], err = a.randomSeed()
		} else {
			keys[i], err = w.givenKey(value, kind)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	made := sync.OnceValues(func() ([]key, error) {
		defer clear(raw)
		return keys, inParallel(ctx, len(given), func(i int) (err error) {
			if given[i] == "" {
				keys[i], err = keyFrom(kind, raw[i])
			}
			return err
		})
	})
	go func() { _, _ = made() }()
	return w, made, nil
}

// givenKey understands a public key, a seed or what holds either.
func (w *workspace) givenKey(value string, kind nkeys.PrefixByte) (key, error) {
	public, pair, err := w.resolve(value)
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
	file, err := c.keys.PutKnown(k.public, k.pair)
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
