//go:build unix

package keystore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TestOpenDirectories opens each directory on the way to a key in turn: neither
// is the key read, nor are others written, until it is closed again.
func TestOpenDirectories(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ring")
	kp, public, _ := pair(t, nkeys.PrefixByteUser)
	account, _, _ := pair(t, nkeys.PrefixByteAccount)
	token, err := jwt.NewUserClaims(public).Encode(account)
	must(t, err)
	putAll := func(o keystore.Options) error {
		r := open(t, dir, o)
		return r.Update(t.Context(), func(tx *keystore.Tx) error {
			if _, err := tx.Put(kp); err != nil {
				return err
			}
			_, err := tx.PutCreds("O", "A", "U", token, kp)
			return err
		})
	}
	must(t, putAll(keystore.Options{}))
	get := func(o keystore.Options) error {
		_, err := open(t, dir, o).Get(public)
		return err
	}
	creds := func(o keystore.Options) error {
		_, _, err := open(t, dir, o).Creds("O", "A", "U")
		return err
	}
	for _, c := range []struct {
		below string
		do    []func(keystore.Options) error
	}{
		{".", []func(keystore.Options) error{get, creds, putAll}},
		{"keys", []func(keystore.Options) error{get, putAll}},
		{"keys/U", []func(keystore.Options) error{get, putAll}},
		{"keys/U/" + public[1:3], []func(keystore.Options) error{get, putAll}},
		{"creds", []func(keystore.Options) error{creds, putAll}},
		{"creds/O/A", []func(keystore.Options) error{creds, putAll}},
	} {
		at := filepath.Join(dir, c.below)
		for mode, refused := range map[os.FileMode]bool{0o755: false, 0o770: true, 0o702: true, 0o777 | os.ModeSticky: true} {
			must(t, os.Chmod(at, mode))
			for i, do := range c.do {
				err := do(keystore.Options{})
				if (err != nil) != refused {
					t.Errorf("%s with mode %v, %d: %v", c.below, mode, i, err)
				}
				if err != nil && !strings.Contains(err.Error(), `chmod go-w "`+at+`"`) {
					t.Errorf("%s: does not say what to do: %v", c.below, err)
				}
				if err := do(keystore.Options{AllowOpen: true}); err != nil {
					t.Errorf("%s with mode %v, %d: allowed, and yet: %v", c.below, mode, i, err)
				}
			}
		}
		must(t, os.Chmod(at, 0o700))
	}
}

// TestForeignOwner has files and directories that belong to somebody else.
func TestForeignOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := filepath.Join(t.TempDir(), "ring")
	kp, public, _ := pair(t, nkeys.PrefixByteUser)
	put(t, open(t, dir, keystore.Options{}), kp)
	const nobody = 65534
	file := open(t, dir, keystore.Options{}).Path(public)
	for _, path := range []string{file, filepath.Dir(file), dir} {
		must(t, os.Chown(path, nobody, -1))
		_, err := open(t, dir, keystore.Options{}).Get(public)
		if err == nil || !strings.Contains(err.Error(), `chown 0 "`+path+`"`) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := open(t, dir, keystore.Options{AllowOpen: true}).Get(public); err != nil {
			t.Errorf("%s: allowed, and yet: %v", path, err)
		}
		must(t, os.Chown(path, 0, -1))
	}
}

func TestPutRefusesAnOpenKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := open(t, dir, keystore.Options{})
	kp, public, _ := pair(t, nkeys.PrefixByteAccount)
	put(t, r, kp)
	must(t, os.Chmod(r.Path(public), 0o620))
	err := r.Update(t.Context(), func(tx *keystore.Tx) error {
		_, err := tx.Put(kp)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
}

func TestMigrateRefusesOpenKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := open(t, dir, keystore.Options{})
	_, _, seed := pair(t, nkeys.PrefixByteOperator)
	file := filepath.Join(dir, "O", "O.nk")
	must(t, os.Mkdir(filepath.Dir(file), 0o700))
	must(t, os.WriteFile(file, seed, 0o644))
	if moved, err := r.Migrate(t.Context()); err == nil || len(moved) > 0 || !strings.Contains(err.Error(), file) {
		t.Errorf("moved %v: %v", moved, err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// BenchmarkGet reads keys that lie in as many directories as there can be.
func BenchmarkGet(b *testing.B) {
	dir := b.TempDir()
	r, err := keystore.Open(dir, keystore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var publics []string
	err = r.Update(b.Context(), func(tx *keystore.Tx) error {
		for range 2000 {
			kp, err := nkeys.CreateAccount()
			if err != nil {
				return err
			}
			public, err := kp.PublicKey()
			if err != nil {
				return err
			}
			publics = append(publics, public)
			if _, err := tx.Put(kp); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]keystore.Options{"checked": {}, "unchecked": {AllowOpen: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := keystore.Open(dir, o)
				if err != nil {
					b.Fatal(err)
				}
				for _, public := range publics {
					if _, err := r.Get(public); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
