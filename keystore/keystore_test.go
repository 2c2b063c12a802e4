//go:build unix

package keystore_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func open(t *testing.T, dir string, o keystore.Options) *keystore.Ring {
	t.Helper()
	r, err := keystore.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pair(t *testing.T, kind nkeys.PrefixByte) (nkeys.KeyPair, string, []byte) {
	t.Helper()
	kp, err := nkeys.CreatePair(kind)
	must(t, err)
	public, err := kp.PublicKey()
	must(t, err)
	seed, err := kp.Seed()
	must(t, err)
	return kp, public, seed
}

func put(t *testing.T, r *keystore.Ring, kps ...nkeys.KeyPair) {
	t.Helper()
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error {
		for _, kp := range kps {
			if _, err := tx.Put(kp); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	r := open(t, dir, keystore.Options{})
	kp, public, seed := pair(t, nkeys.PrefixByteAccount)
	put(t, r, kp)
	put(t, r, kp) // again is fine
	want := filepath.Join(dir, "keys", "A", public[1:3], public+".nk")
	if data, err := os.ReadFile(want); err != nil || string(data) != string(seed) {
		t.Fatalf("%s: %v", want, err)
	}
	if r.Path(public) != want {
		t.Errorf("path %q", r.Path(public))
	}
	if ignore, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil || !strings.Contains(string(ignore), "**/*.nk\n") {
		t.Errorf("gitignore: %q %v", ignore, err)
	}
	got, err := r.Get(public)
	must(t, err)
	if gotSeed, _ := got.Seed(); string(gotSeed) != string(seed) {
		t.Error("another seed came back")
	}
	var names []string
	for e, err := range r.All() {
		must(t, err)
		names = append(names, e.Public)
	}
	if len(names) != 1 || names[0] != public {
		t.Errorf("all: %v", names)
	}
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error { return tx.Remove(public) }))
	if _, err := os.Stat(filepath.Join(dir, "keys")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("empty directories are left: %v", err)
	}
	if _, err := r.Get(public); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed key: %v", err)
	}
}

func TestGetRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kp, public, seed := pair(t, nkeys.PrefixByteUser)
	_, other, _ := pair(t, nkeys.PrefixByteUser)
	strict, lax := open(t, dir, keystore.Options{}), open(t, dir, keystore.Options{AllowOpen: true})
	put(t, strict, kp)
	file := strict.Path(public)

	must(t, os.Chmod(file, 0o640))
	if _, err := strict.Get(public); err == nil || !strings.Contains(err.Error(), `chmod 600 "`+file) {
		t.Errorf("readable by the group: %v", err)
	}
	if _, err := lax.Get(public); err != nil {
		t.Errorf("allowed: %v", err)
	}
	must(t, os.MkdirAll(filepath.Dir(strict.Path(other)), 0o700))
	must(t, os.WriteFile(strict.Path(other), seed, 0o600))
	if _, err := strict.Get(other); err == nil || !strings.Contains(err.Error(), "holds another key, \""+public) {
		t.Errorf("another key: %v", err)
	}
	must(t, os.WriteFile(strict.Path(other), []byte("SUgarbage"), 0o600))
	if _, err := strict.Get(other); err == nil || strings.Contains(err.Error(), "garbage") {
		t.Errorf("garbage: %v", err)
	}
	must(t, os.Remove(strict.Path(other)))
	must(t, os.Symlink(file, strict.Path(other)))
	if _, err := lax.Get(other); err == nil {
		t.Error("a link was followed")
	}
	if _, err := strict.Get("../../etc/passwd"); err == nil {
		t.Error("a path was taken for a key")
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir(), keystore.Options{})
	stored, storedKey, _ := pair(t, nkeys.PrefixByteAccount)
	_, foreignKey, foreignSeed := pair(t, nkeys.PrefixByteAccount)
	put(t, r, stored)
	file := filepath.Join(t.TempDir(), "k.nk")
	must(t, os.WriteFile(file, append(foreignSeed, '\n'), 0o600))
	openFile := filepath.Join(t.TempDir(), "open.nk")
	must(t, os.WriteFile(openFile, foreignSeed, 0o644))
	for _, c := range []struct {
		value, public string
		pair          bool
	}{
		{storedKey, storedKey, true},
		{foreignKey, foreignKey, false},
		{string(foreignSeed), foreignKey, true},
		{file, foreignKey, true},
		{"/nowhere", "", false},
		{openFile, "", false},
		{mistyped(foreignSeed), "", false},
		{strings.ToLower(string(foreignSeed)), "", false},
	} {
		public, kp, err := r.Resolve(c.value)
		if public != c.public || (kp != nil) != c.pair || (err == nil) != (c.public != "") {
			t.Errorf("%.8s…: %q %v %v", c.value, public, kp != nil, err)
		}
		if err != nil && strings.Contains(strings.ToUpper(err.Error()), string(foreignSeed[10:40])) {
			t.Errorf("the message shows a seed: %v", err)
		}
	}
}

// mistyped is a seed with one wrong character, early enough to matter whatever it was.
func mistyped(seed []byte) string {
	bad := bytes.Clone(seed)
	if bad[20]++; bad[20] > 'Z' || bad[20] < 'A' {
		bad[20] = 'A'
	}
	return string(bad)
}

// TestNoMessageShowsASeed gives seeds where something else belongs.
func TestNoMessageShowsASeed(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir(), keystore.Options{})
	resolve := func(value string) func() error {
		return func() error { _, _, err := r.Resolve(value); return err }
	}
	for range 20 { // seeds differ
		_, _, bytes := pair(t, nkeys.PrefixByteAccount)
		seed := string(bytes)
		for what, fail := range map[string]func() error{
			"get":       func() error { _, err := r.Get(seed); return err },
			"remove":    func() error { return r.Update(t.Context(), func(tx *keystore.Tx) error { return tx.Remove(seed) }) },
			"quoted":    resolve("'" + seed + "'"),
			"assigned":  resolve("key=" + seed),
			"decorated": resolve("-----BEGIN ACCOUNT NKEY SEED-----\n" + seed + "\n------END"),
			"cut short": resolve(seed[:37]),
			"lower":     resolve("/" + strings.ToLower(seed)),
			"a path":    resolve(seed + "/"),
			"too long":  resolve(strings.Repeat("x", 300) + seed),
			"creds": func() error {
				_, _, err := keystore.ParseCreds([]byte("-----BEGIN NATS USER JWT-----\n" + seed))
				return err
			},
		} {
			err := fail()
			if err == nil {
				t.Errorf("%s: accepted", what)
			} else if strings.Contains(strings.ToUpper(err.Error()), seed[5:25]) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if err := resolve("/keys/of/some/where.nk")(); err == nil || !strings.Contains(err.Error(), "/keys/of/some/where.nk") {
		t.Errorf("a path is hidden: %v", err)
	}
}

func TestResolvePipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	if _, _, err := open(t, t.TempDir(), keystore.Options{}).Resolve(pipe); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

func TestCreds(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir(), keystore.Options{})
	account, _, _ := pair(t, nkeys.PrefixByteAccount)
	user, public, seed := pair(t, nkeys.PrefixByteUser)
	token, err := jwt.NewUserClaims(public).Encode(account)
	must(t, err)
	must(t, r.Update(t.Context(), func(tx *keystore.Tx) error {
		_, err := tx.PutCreds("O", "A", "U", token, user)
		return err
	}))
	data, err := os.ReadFile(r.CredsPath("O", "A", "U"))
	must(t, err)
	want, err := jwt.FormatUserConfig(token, seed)
	must(t, err)
	if string(data) != string(want) {
		t.Errorf("creds file:\n%s", data)
	}
	if own, err := keystore.FormatOwn(token, user); err != nil || string(own) != string(want) {
		t.Errorf("%v, own creds:\n%s", err, own)
	}
	gotToken, kp, err := r.Creds("O", "A", "U")
	must(t, err)
	if gotPublic, _ := kp.PublicKey(); gotToken != token || gotPublic != public {
		t.Error("other creds came back")
	}
	for _, bad := range []string{"..", "a/b", ""} {
		err := r.Update(t.Context(), func(tx *keystore.Tx) error {
			_, err := tx.PutCreds("O", bad, "U", token, user)
			return err
		})
		if err == nil {
			t.Errorf("account %q is accepted", bad)
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := open(t, dir, keystore.Options{})
	_, op, opSeed := pair(t, nkeys.PrefixByteOperator)
	_, acc, accSeed := pair(t, nkeys.PrefixByteAccount)
	for name, data := range map[string][]byte{
		"O/O.nk": opSeed, "O/accounts/A/A.nk": accSeed, "O/accounts/A/users/U.creds": []byte("creds"),
		"STORE/.nsc": []byte("{}"), "STORE/accounts/x/x.nk": []byte("not mine"),
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	if old, err := r.IsOld(); err != nil || !old {
		t.Fatalf("not recognised: %v", err)
	}
	stray := filepath.Join(dir, "O", "stray.creds")
	must(t, os.WriteFile(stray, nil, 0o600))
	if _, err := r.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "stray.creds") {
		t.Errorf("stray creds: %v", err)
	}
	must(t, os.Remove(stray))
	moved, err := r.Migrate(t.Context())
	must(t, err)
	if len(moved) != 3 {
		t.Errorf("moved %v", moved)
	}
	for _, public := range []string{op, acc} {
		if _, err := r.Get(public); err != nil {
			t.Error(err)
		}
	}
	if data, err := os.ReadFile(r.CredsPath("O", "A", "U")); err != nil || string(data) != "creds" {
		t.Errorf("creds: %q %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "O")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old tree is left: %v", err)
	}
	if old, err := r.IsOld(); err != nil || old {
		t.Errorf("still old: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
