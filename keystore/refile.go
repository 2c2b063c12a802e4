package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"nkeep/internal/safefile"
)

// Refile stages the move of seeds to where each belongs, all of them or, when it
// returns an error, none. They may stand in each other's places; whatever else
// lies at such a place has to be the same seed. A second copy of a seed goes.
func (t *Tx) Refile(seeds []Found) error {
	var (
		moving = make(map[string]bool, len(seeds))   // where they are
		puts   = make(map[string][]byte, len(seeds)) // what belongs where
	)
	for _, s := range seeds {
		data, err := t.ring.refiled(s)
		if err != nil {
			return &KeyError{s.Holds, err}
		}
		moving[s.File], puts[s.Right] = true, data
	}
	for right, seed := range puts {
		if moving[right] {
			continue
		}
		if err := t.ring.checkFree(right, seed); err != nil {
			return err
		}
	}
	for right, seed := range puts {
		t.tx.Put(safefile.Keys, t.ring.dir, right, seed)
	}
	for from := range moving {
		if puts[from] == nil {
			t.tx.Remove(safefile.Keys, t.ring.dir, from)
		}
	}
	return nil
}

// refiled is the content of the file in which a seed was found.
func (r *Ring) refiled(s Found) ([]byte, error) {
	f, err := r.dir.Read(s.File, maxKeyFile)
	if err != nil {
		return nil, err
	}
	kp, err := pairOf(f.Data)
	if err != nil {
		return nil, err
	}
	defer kp.Wipe()
	if public, err := kp.PublicKey(); err != nil || public != s.Holds {
		return nil, errors.New("is not in the file where it was found any more")
	}
	return f.Data, nil
}

// checkFree refuses to replace what is not the same seed.
func (r *Ring) checkFree(right string, seed []byte) error {
	present, err := r.dir.Read(right, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer clear(present.Data)
	if !bytes.Equal(bytes.TrimSpace(present.Data), bytes.TrimSpace(seed)) {
		return fmt.Errorf("file %q exists and holds something else", r.dir.Path(right))
	}
	return nil
}
