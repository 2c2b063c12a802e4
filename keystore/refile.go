package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"nkeep/internal/safefile"
)

// Refile stages the move of seeds to where each belongs. They may stand in each
// other's places; whatever else lies at such a place has to be the same seed. A
// second copy of a seed goes.
func (t *Tx) Refile(seeds []Found) error {
	puts := map[string]bool{}
	for _, s := range seeds {
		f, err := t.ring.dir.Read(s.File, maxKeyFile)
		if err != nil {
			return &KeyError{s.Holds, err}
		}
		kp, err := pairOf(f.Data)
		if err != nil {
			return &KeyError{s.Holds, err}
		}
		if public, err := kp.PublicKey(); err != nil || public != s.Holds {
			return &KeyError{s.Holds, errors.New("is not in the file where it was found any more")}
		}
		t.tx.Put(safefile.Keys, t.ring.dir, s.Right, f.Data)
		puts[s.Right] = true
	}
	for right := range puts {
		if err := t.checkFree(right, seeds); err != nil {
			return err
		}
	}
	for _, s := range seeds {
		if !puts[s.File] {
			t.tx.Remove(safefile.Keys, t.ring.dir, s.File)
		}
	}
	return nil
}

// checkFree refuses to replace what is not the same seed, unless that moves as well.
func (t *Tx) checkFree(right string, moving []Found) error {
	if slices.ContainsFunc(moving, func(s Found) bool { return s.File == right }) {
		return nil
	}
	present, err := t.ring.dir.Read(right, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if next, _ := t.tx.Staged(t.ring.dir, right); !bytes.Equal(bytes.TrimSpace(present.Data), bytes.TrimSpace(next)) {
		return fmt.Errorf("file %q exists and holds something else", t.ring.dir.Path(right))
	}
	return nil
}
