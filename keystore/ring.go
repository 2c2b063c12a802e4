package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"

	"nkeep/internal/safefile"

	"github.com/nats-io/nkeys"
)

// Ring is a keystore directory. It need not exist before something is put into it.
type Ring struct {
	dir  *safefile.Dir
	opts Options
	dirs judged
}

// Options say how strict a Ring is.
type Options struct {
	// AllowOpen accepts files and directories that others can read or write, or
	// that belong to somebody else, as secrets mounted into a container do.
	AllowOpen bool
	// NoGitIgnore leaves out the .gitignore that is otherwise written with the first key.
	NoGitIgnore bool
	// Files reach the layer that changes files.
	Files safefile.Options
}

// Open names the keystore at dir. It does not touch the disk.
func Open(dir string, o Options) (*Ring, error) {
	d, err := safefile.At(dir, o.Files)
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	return &Ring{dir: d, opts: o}, nil
}

// Dir is the directory, to make it part of a transaction with others.
func (r *Ring) Dir() *safefile.Dir { return r.dir }

// Path is the file that holds, or would hold, the seed of a public key.
func (r *Ring) Path(public string) string {
	if !nkeys.IsValidPublicKey(public) {
		return ""
	}
	return r.dir.Path(keyFile(public))
}

// KeyError says what is wrong with the key of a public key. It wraps
// [fs.ErrNotExist] when the seed is not in the keystore.
type KeyError struct {
	Public string
	Err    error
}

func (e *KeyError) Error() string {
	if errors.Is(e.Err, fs.ErrNotExist) {
		return fmt.Sprintf("key %q: is not in the keystore", shown(e.Public))
	}
	return fmt.Sprintf("key %q: %v", shown(e.Public), e.Err)
}

// Unwrap gives the reason.
func (e *KeyError) Unwrap() error { return e.Err }

// Get returns the key pair of a public key. A missing file, one that others
// can read or replace, and one that holds another key are a [*KeyError].
func (r *Ring) Get(public string) (nkeys.KeyPair, error) {
	if !nkeys.IsValidPublicKey(public) {
		return nil, &KeyError{public, errors.New("is not a public key")}
	}
	f, err := r.dir.Read(keyFile(public), maxKeyFile)
	if err != nil {
		return nil, &KeyError{public, err}
	}
	defer clear(f.Data)
	if err := r.trusted(keyFile(public), f.Info); err != nil {
		return nil, &KeyError{public, err}
	}
	kp, err := pairOf(f.Data)
	if err != nil {
		return nil, &KeyError{public, fmt.Errorf("file %q: %w", r.Path(public), err)}
	}
	if got, err := kp.PublicKey(); err != nil || got != public {
		return nil, &KeyError{public, fmt.Errorf("file %q holds another key, %q", r.Path(public), got)}
	}
	return kp, nil
}

var errNoSeed = errors.New("does not hold a seed")

// pairOf reads a seed. Its error never shows what the file holds.
func pairOf(seed []byte) (nkeys.KeyPair, error) {
	kp, err := nkeys.FromSeed(bytes.TrimSpace(seed))
	if err != nil {
		return nil, errNoSeed
	}
	return kp, nil
}

// Has reports whether the seed of a public key is in the keystore.
func (r *Ring) Has(public string) (bool, error) {
	if !nkeys.IsValidPublicKey(public) {
		return false, nil
	}
	_, err := r.dir.Stat(keyFile(public))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Entry is a key in the keystore, by its name alone.
type Entry struct {
	Public string
	Path   string // absolute
}

// All goes through the names of the stored keys, sorted by public key within a
// kind. It opens no key.
func (r *Ring) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		r.walk(keysDir, 2, yield)
	}
}

func (r *Ring) walk(dir string, depth int, yield func(Entry, error) bool) bool {
	entries, err := r.dir.List(dir)
	if err != nil {
		return yield(Entry{}, err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		public, ok := keyOf(e.Name())
		switch {
		case depth > 0 && e.IsDir():
			ok = r.walk(name, depth-1, yield)
		case depth == 0 && ok && name == keyFile(public):
			ok = yield(Entry{Public: public, Path: r.dir.Path(name)}, nil)
		default:
			ok = true
		}
		if !ok {
			return false
		}
	}
	return true
}

// Update changes the keystore alone, as one transaction; see [safefile.Update].
func (r *Ring) Update(ctx context.Context, fn func(*Tx) error) error {
	return safefile.Update(ctx, []*safefile.Dir{r.dir}, func(tx *safefile.Tx) error { return fn(r.In(tx)) })
}
