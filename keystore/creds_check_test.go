//go:build unix

package keystore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/internal/safefile"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// someCreds are the creds of a user, its token, its key and its pair.
func someCreds(t *testing.T) (creds, token, public string, kp nkeys.KeyPair) {
	t.Helper()
	kp, public, _ = pair(t, nkeys.PrefixByteUser)
	signer, _, _ := pair(t, nkeys.PrefixByteAccount)
	token, err := jwt.NewUserClaims(public).Encode(signer)
	must(t, err)
	data, err := keystore.Format(token, kp)
	must(t, err)
	return string(data), token, public, kp
}

func TestCheckCreds(t *testing.T) {
	t.Parallel()
	creds, token, public, kp := someCreds(t)
	other, _, another, _ := someCreds(t)
	head, _, _ := strings.Cut(creds, "************")
	_, tail, _ := strings.Cut(other, "************")
	for _, tt := range []struct {
		name, content string
		mode          fs.FileMode
		want          string // empty for none
	}{
		{"as written", creds, 0o600, ""},
		{"with CRLF", strings.ReplaceAll(creds, "\n", "\r\n"), 0o600, ""},
		{"another token", strings.Replace(creds, token, token[:len(token)-4]+"AAAA", 1), 0o600, keystore.ErrStale.Error()},
		{"another seed", head + "************" + tail, 0o600, "the seed of another key, \"" + another},
		{"all of another", other, 0o600, "the seed of another key"},
		{"no seed", head, 0o600, "does not hold a token and a seed"},
		{"no creds", "junk", 0o600, "does not hold a token and a seed"},
		{"empty", "", 0o600, "does not hold a token and a seed"},
		{"seed cut off", head + "\n---BEGIN---\nSUAAA\n---END---\n", 0o600, "does not hold a seed"},
		{"open", creds, 0o640, "chmod 600"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := open(t, dir, keystore.Options{})
			file := r.CredsPath("O", "A", "u")
			must(t, os.MkdirAll(filepath.Dir(file), 0o700))
			must(t, os.WriteFile(file, []byte(tt.content), 0o600))
			must(t, os.Chmod(file, tt.mode))
			for _, known := range []nkeys.KeyPair{nil, kp} {
				err := r.CheckCreds("O", "A", "u", token, public, known)
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			}
			if seed, err := kp.Seed(); err != nil || len(seed) == 0 || seed[0] != 'S' {
				t.Error("the pair was wiped")
			}
		})
	}
}

func TestAllCreds(t *testing.T) {
	t.Parallel()
	creds, token, _, _ := someCreds(t)
	dir := t.TempDir()
	r := open(t, dir, keystore.Options{})
	list := func() (found []string) {
		for e, err := range r.AllCreds("O") {
			if err != nil {
				found = append(found, e.Account+": "+err.Error())
				continue
			}
			if e.Path != r.CredsPath("O", e.Account, e.User) {
				t.Errorf("path %q of %q", e.Path, e.User)
			}
			found = append(found, e.Account+"/"+e.User)
		}
		return found
	}
	if found := list(); len(found) != 0 {
		t.Errorf("nothing there: %q", found)
	}
	for _, name := range []string{"B/w", "A/v", "A/u"} {
		file := filepath.Join(dir, "creds", "O", name+".creds")
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, []byte(creds), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "creds", "O", "A", "notes"), nil, 0o600))
	must(t, os.Symlink("u.creds", filepath.Join(dir, "creds", "O", "A", "x.creds")))
	if found := strings.Join(list(), " "); found != "A/u A/v A/x B/w" {
		t.Errorf("found %q", found)
	}
	for e, err := range r.AllCreds("..") {
		if err == nil {
			t.Errorf("leads out: %v", e)
		}
	}
	if got, err := r.CredsToken("O", "A", "u"); err != nil || got != token {
		t.Errorf("token %q %v", got, err)
	}
	must(t, os.WriteFile(r.CredsPath("O", "A", "v"), []byte(token+"\n"), 0o600))
	if got, err := r.CredsToken("O", "A", "v"); err != nil || got != token {
		t.Errorf("bare token %q %v", got, err)
	}
	if _, err := r.CredsToken("O", "A", "x"); !errors.Is(err, safefile.ErrLink) {
		t.Errorf("link: %v", err)
	}
	if _, err := r.CredsToken("O", "A", "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	must(t, os.WriteFile(r.CredsPath("O", "B", "w"), []byte("SUAJUNK"), 0o600))
	if _, err := r.CredsToken("O", "B", "w"); err == nil || strings.Contains(err.Error(), "JUNK") {
		t.Errorf("junk: %v", err)
	}
}
