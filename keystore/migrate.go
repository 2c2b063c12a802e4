package keystore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"nkeep/internal/safefile"

	"github.com/nats-io/nkeys"
)

// The keyring of 2019 kept a tree per operator instead of the layout above:
//
//	<op>/<op>.nk
//	<op>/accounts/<acc>/<acc>.nk
//	<op>/accounts/<acc>/users/<user>.nk and <user>.creds

// storeMarker is the file by which a directory belongs to a store of tokens,
// which lies beside the keys when one directory is used for everything.
const storeMarker = ".nsc"

// Moved is one file that [Ring.Migrate] moves; both paths are absolute.
type Moved struct {
	From string `json:"from"`
	To   string `json:"to"`
}

var errFound = errors.New("found")

// IsOld reports whether the keystore still has files in the layout of 2019.
func (r *Ring) IsOld() (bool, error) {
	err := r.oldFiles(func(string) error { return errFound })
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

// oldFiles calls fn with every key and creds file outside the present layout.
func (r *Ring) oldFiles(fn func(name string) error) error {
	top, err := r.dir.List(".")
	if err != nil {
		return err
	}
	for _, e := range top {
		if !e.IsDir() || e.Name() == keysDir || e.Name() == credsDir || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := r.dir.Stat(path.Join(e.Name(), storeMarker)); err == nil {
			continue
		}
		if err := r.walkOld(e.Name(), fn); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ring) walkOld(dir string, fn func(name string) error) error {
	entries, err := r.dir.List(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch ext := path.Ext(name); {
		case e.IsDir():
			err = r.walkOld(name, fn)
		case ext == keyExt || ext == credsExt:
			err = fn(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Migrate moves an old keyring to the present layout, in one transaction, and
// lists what it moved: keys by what they hold, creds by where they lay. A file
// that is no key or that others can change, creds at a place that tells no
// account, and a target that holds something else are errors; then nothing is moved.
func (r *Ring) Migrate(ctx context.Context) (moved []Moved, err error) {
	err = safefile.Update(ctx, []*safefile.Dir{r.dir}, func(tx *safefile.Tx) error {
		return r.oldFiles(func(name string) error {
			m, err := r.stageMove(tx, name)
			if err != nil {
				return err
			}
			moved = append(moved, m)
			return nil
		})
	})
	return moved, err
}

func (r *Ring) stageMove(tx *safefile.Tx, name string) (Moved, error) {
	f, err := r.dir.Read(name, maxCredsFile)
	if err != nil {
		return Moved{}, err
	}
	if err := r.trusted(name, f.Info); err != nil {
		return Moved{}, err
	}
	to, rank, err := newPlace(name, f.Data)
	if err != nil {
		return Moved{}, fmt.Errorf("file %q: %w", r.dir.Path(name), err)
	}
	switch present, err := r.dir.Read(to, maxCredsFile); {
	case err == nil && string(present.Data) != string(f.Data):
		return Moved{}, fmt.Errorf("file %q: %q exists and holds something else", r.dir.Path(name), r.dir.Path(to))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Moved{}, err
	}
	r.In(tx).putIgnore()
	tx.Put(rank, r.dir, to, f.Data)
	tx.Remove(rank, r.dir, name)
	return Moved{From: r.dir.Path(name), To: r.dir.Path(to)}, nil
}

func newPlace(name string, data []byte) (to string, rank safefile.Rank, err error) {
	if path.Ext(name) == credsExt {
		// <op>/accounts/<acc>/users/<user>.creds
		parts := strings.Split(strings.TrimSuffix(name, credsExt), "/")
		if len(parts) != 5 || parts[1] != "accounts" || parts[3] != "users" {
			return "", 0, errors.New("creds at a place that tells no account and user: move it away, then migrate again")
		}
		return credsFile(parts[0], parts[2], parts[4]), safefile.Creds, nil
	}
	kp, err := pairOf(data)
	if err != nil {
		return "", 0, err
	}
	public, err := kp.PublicKey()
	if err != nil || !nkeys.IsValidPublicKey(public) {
		return "", 0, errors.New("does not hold a key that can be stored")
	}
	return keyFile(public), safefile.Keys, nil
}
