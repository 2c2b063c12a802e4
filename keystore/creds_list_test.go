//go:build unix

package keystore_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestCredsNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := open(t, dir, keystore.Options{})
	if names, err := r.CredsNames("O", "A"); err != nil || len(names) != 0 {
		t.Errorf("nothing there: %v %v", names, err)
	}
	kp, public, _ := pair(t, nkeys.PrefixByteUser)
	signer, _, _ := pair(t, nkeys.PrefixByteAccount)
	token, err := jwt.NewUserClaims(public).Encode(signer)
	must(t, err)
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error {
		for _, file := range [][2]string{{"A", "v"}, {"A", "u"}, {"B", "w"}} {
			if _, err := tx.PutCreds("O", file[0], file[1], token, kp); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, os.WriteFile(filepath.Join(dir, "creds", "O", "A", "notes.txt"), []byte("x"), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, "creds", "O", "A", "dir.creds"), 0o700))
	if names, err := r.CredsNames("O", "A"); err != nil || !slices.Equal(names, []string{"u", "v"}) {
		t.Errorf("names: %v %v", names, err)
	}
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error { return tx.RemoveCreds("O", "A", "u") }))
	must(t, os.Symlink("v.creds", filepath.Join(dir, "creds", "O", "A", "w.creds")))
	if names, err := r.CredsNames("O", "A"); err != nil || !slices.Equal(names, []string{"v", "w"}) {
		t.Errorf("one removed: %v %v", names, err)
	}
	if _, err := r.CredsNames("O", ".."); err == nil {
		t.Error("a name that leads out is accepted")
	}
}
