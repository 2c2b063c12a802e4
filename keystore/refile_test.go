//go:build unix

package keystore_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"nkeep/keystore"

	"github.com/nats-io/nkeys"
)

// swapped is a keystore with two seeds in each other's places and a third
// beside the place where it belongs, and where these are, by what they hold.
func swapped(t *testing.T) (r *keystore.Ring, publics []string, misfiled []keystore.Found) {
	t.Helper()
	r = open(t, t.TempDir(), keystore.Options{})
	var seeds [][]byte
	for range 3 {
		kp, public, seed := pair(t, nkeys.PrefixByteAccount)
		put(t, r, kp)
		publics, seeds = append(publics, public), append(seeds, slices.Clone(seed))
	}
	must(t, os.WriteFile(r.Path(publics[0]), seeds[1], 0o600))
	must(t, os.WriteFile(r.Path(publics[1]), seeds[0], 0o600))
	must(t, os.Rename(r.Path(publics[2]), filepath.Join(filepath.Dir(r.Path(publics[2])), "stray.nk")))
	var mu sync.Mutex
	must(t, r.Survey(t.Context(), func(f keystore.Found) {
		mu.Lock()
		defer mu.Unlock()
		if f.Kind == keystore.FoundSeed && f.File != f.Right {
			misfiled = append(misfiled, f)
		}
	}))
	slices.SortFunc(misfiled, func(a, b keystore.Found) int {
		return slices.Index(publics, a.Holds) - slices.Index(publics, b.Holds)
	})
	if len(misfiled) != 3 {
		t.Fatalf("found %d seeds in wrong places", len(misfiled))
	}
	return r, publics, misfiled
}

func TestRefile(t *testing.T) {
	t.Parallel()
	r, publics, misfiled := swapped(t)
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error { return tx.Refile(misfiled) }))
	for _, public := range publics {
		if _, err := r.Get(public); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(misfiled[2].Path); !os.IsNotExist(err) {
		t.Errorf("%s: is there still: %v", misfiled[2].Path, err)
	}
}

// TestRefileNothing has one seed that cannot be moved: then none is, not even
// when the transaction goes on without.
func TestRefileNothing(t *testing.T) {
	t.Parallel()
	_, _, other := pair(t, nkeys.PrefixByteAccount)
	for name, spoil := range map[string]func(t *testing.T, r *keystore.Ring, f keystore.Found){
		"holds another": func(t *testing.T, _ *keystore.Ring, f keystore.Found) {
			t.Helper()
			must(t, os.WriteFile(f.Path, other, 0o600))
		},
		"is gone": func(t *testing.T, _ *keystore.Ring, f keystore.Found) {
			t.Helper()
			must(t, os.Remove(f.Path))
		},
		"place is taken": func(t *testing.T, r *keystore.Ring, f keystore.Found) {
			t.Helper()
			must(t, os.WriteFile(r.Path(f.Holds), other, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _, misfiled := swapped(t)
			spoil(t, r, misfiled[2])
			before := files(t, r)
			must(t, r.Update(t.Context(), func(tx *keystore.Tx) error {
				if err := tx.Refile(misfiled); err == nil {
					t.Error("no error")
				}
				return nil
			}))
			if after := files(t, r); after != before {
				t.Error("something was moved, or lost")
			}
		})
	}
}

// files is everything in the directories of keys.
func files(t *testing.T, r *keystore.Ring) string {
	t.Helper()
	var all strings.Builder
	names, err := filepath.Glob(filepath.Join(r.Dir().Path(), "keys", "*", "*", "*"))
	must(t, err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		must(t, err)
		all.WriteString(name + " " + string(data) + "\n")
	}
	return all.String()
}
