package faults

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// verify makes sure of everything that lies in a home directory, without any
// code of nkeep: each token is signed by whom it must be, each seed is filed by
// what it holds, creds are of their user, and nothing else is there.
func (h *home) verify(t *testing.T, loose bool) {
	t.Helper()
	v := verifier{T: t, seeds: map[string]string{}, known: map[string]bool{}, loose: loose}
	for _, root := range []string{".nsc/nats", "stores"} {
		for _, marker := range glob(t, h.dir, root, "*/.nsc") {
			v.operator(filepath.Dir(marker), filepath.Join(h.dir, ".nkeys", "creds"))
		}
	}
	for _, file := range glob(t, h.dir, ".nkeys/keys", "*/*/*.nk") {
		v.seed(file)
	}
	for public, file := range v.seeds {
		if !loose && !v.known[public] {
			t.Errorf("%s: is the key of nothing", file)
		}
	}
	v.leftovers(h.dir)
}

func glob(t *testing.T, dir, sub, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(sub), filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

type verifier struct {
	*testing.T
	seeds map[string]string // files by public key
	known map[string]bool   // public keys that tokens hold
	loose bool              // keys and creds may stay of what is gone
}

func (v verifier) operator(dir, creds string) {
	v.Helper()
	name := filepath.Base(dir)
	oc, ok := v.token(filepath.Join(dir, name+".jwt")).(*jwt.OperatorClaims)
	if !ok || oc.Name != name {
		v.Errorf("operator %s: is something else", name)
		return
	}
	issuers := append([]string{oc.Subject}, oc.SigningKeys...)
	v.knows(issuers)
	v.issued("operator "+name, oc.Issuer, issuers)
	for _, adir := range glob(v.T, dir, "accounts", "*") {
		account := filepath.Base(adir)
		v.account(adir, filepath.Join(creds, name, account), issuers)
	}
	for _, file := range glob(v.T, creds, name, "*/*.creds") {
		if v.loose {
			continue
		}
		account, user := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".creds")
		if _, err := os.Stat(filepath.Join(dir, "accounts", account, "users", user+".jwt")); err != nil {
			v.Errorf("%s: has no user: %v", file, err)
		}
	}
}

func (v verifier) account(dir, creds string, operators []string) {
	v.Helper()
	name := filepath.Base(dir)
	ac, ok := v.token(filepath.Join(dir, name+".jwt")).(*jwt.AccountClaims)
	if !ok || ac.Name != name {
		v.Errorf("account %s: is something else", name)
		return
	}
	v.issued("account "+name, ac.Issuer, operators)
	issuers := append(ac.SigningKeys.Keys(), ac.Subject)
	v.knows(issuers)
	v.knows([]string{ac.Authorization.XKey})
	for _, file := range glob(v.T, dir, "users", "*") {
		name := strings.TrimSuffix(filepath.Base(file), ".jwt")
		uc, ok := v.token(file).(*jwt.UserClaims)
		if !ok || uc.Name != name {
			v.Errorf("user %s: is something else", name)
			continue
		}
		v.knows([]string{uc.Subject})
		v.issued("user "+name, uc.Issuer, issuers)
		v.creds(filepath.Join(creds, name+".creds"), uc.Subject, file)
	}
}

// creds may be missing: a user whose seed is unknown has none.
func (v verifier) creds(file, subject, token string) {
	v.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	kp, err := jwt.ParseDecoratedUserNKey(data)
	if err != nil {
		v.Errorf("%s: %v", file, err)
		return
	}
	if public, err := kp.PublicKey(); err != nil || public != subject {
		v.Errorf("%s: holds the key %s, %v", file, public, err)
	}
	got, err := jwt.ParseDecoratedJWT(data)
	if err != nil {
		v.Errorf("%s: %v", file, err)
	}
	if want, err := os.ReadFile(token); err != nil || got != string(want) {
		v.Errorf("%s: does not hold the user's token, %v", file, err)
	}
}

// token reads a token, whose own signature the library checks.
func (v verifier) token(file string) jwt.Claims {
	v.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		v.Error(err)
		return nil
	}
	c, err := jwt.Decode(string(data))
	if err != nil {
		v.Errorf("%s: %v", file, err)
	}
	return c
}

func (v verifier) seed(file string) {
	v.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		v.Error(err)
		return
	}
	kp, err := nkeys.FromSeed(data)
	if err != nil {
		v.Errorf("%s: %v", file, err)
		return
	}
	public, err := kp.PublicKey()
	if err != nil || filepath.Base(file) != public+".nk" {
		v.Errorf("%s: is the seed of %s, %v", file, public, err)
	}
	v.seeds[public] = file
}

func (v verifier) issued(what, by string, issuers []string) {
	v.Helper()
	if !slices.Contains(issuers, by) {
		v.Errorf("%s: is issued by %s", what, by)
	}
}

func (v verifier) knows(keys []string) {
	for _, k := range keys {
		v.known[k] = true
	}
}

// leftovers makes sure that nothing of a transaction stays, and no secret is
// readable by others.
func (v verifier) leftovers(dir string) {
	v.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		switch name, parent := e.Name(), filepath.Base(filepath.Dir(path)); {
		case strings.HasSuffix(name, ".nkeep-next"), strings.HasSuffix(name, ".nkeep-last"),
			parent == ".nkeep" && (name == "journal" || name == "done"):
			v.Errorf("%s: was left behind", path)
		case info.Mode().IsRegular() && info.Mode().Perm() != 0o600:
			v.Errorf("%s: has the mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		v.Fatal(err)
	}
}
