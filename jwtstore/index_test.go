//go:build unix

package jwtstore_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// many makes a store that is large enough for an index, and has one made.
func many(t *testing.T) (r *jwtstore.Root, s *jwtstore.Store, keys []string) {
	t.Helper()
	r = openRoot(t, t.TempDir())
	s = storeO(t, r)
	var adds []func(*jwtstore.Tx) (string, error)
	for i := range 300 {
		token, public := accountToken(t, fmt.Sprintf("A%03d", i))
		keys = append(keys, public)
		adds = append(adds, addAccount(fmt.Sprintf("A%03d", i), token))
	}
	update(t, r, adds...)
	wantAccount(t, s, keys[7], "A007")
	if len(indexes(t, r)) != 1 {
		t.Fatal("no index was made")
	}
	return r, s, keys
}

func indexes(t *testing.T, r *jwtstore.Root) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.Path(), ".nkeep", "index", "*"))
	must(t, err)
	return files
}

// wantAccount finds an account by its key, or none for an empty name.
func wantAccount(t *testing.T, s *jwtstore.Store, public, want string) {
	t.Helper()
	name, ok, err := s.AccountByKey(public)
	if err != nil || name != want || ok != (want != "") {
		t.Errorf("AccountByKey: %q, %v, %v; want %q", name, ok, err, want)
	}
}

// age sets the times of a directory back, as if nothing had changed for long.
func age(t *testing.T, dir string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(dir, then, then))
}

// TestIndexIsNeverBelieved changes the store behind the back of its index.
func TestIndexIsNeverBelieved(t *testing.T) {
	t.Parallel()
	_, s, keys := many(t)
	token, fresh := accountToken(t, "A003")
	must(t, os.WriteFile(s.AccountPath("A003"), []byte(token), 0o600)) // another identity, in place
	wantAccount(t, s, keys[3], "")
	wantAccount(t, s, fresh, "A003")
	must(t, os.Rename(filepath.Dir(s.AccountPath("A004")), filepath.Dir(s.AccountPath("B004"))))
	must(t, os.Rename(filepath.Join(filepath.Dir(s.AccountPath("B004")), "A004.jwt"), s.AccountPath("B004")))
	wantAccount(t, s, keys[4], "B004")
	must(t, os.RemoveAll(filepath.Dir(s.AccountPath("A005"))))
	wantAccount(t, s, keys[5], "")
	must(t, os.WriteFile(s.AccountPath("A006"), []byte("gar.ba.ge"), 0o600))
	wantAccount(t, s, keys[6], "")
	found, err := s.AccountsByKey(keys[0], keys[5], fresh)
	if err != nil || len(found) != 2 || found[keys[0]] != "A000" || found[fresh] != "A003" {
		t.Errorf("AccountsByKey: %v, %v", found, err)
	}
}

// TestIndexForNames shows names, and reads the store only when that may have changed.
func TestIndexForNames(t *testing.T) {
	t.Parallel()
	r, s, keys := many(t)
	accounts := filepath.Dir(filepath.Dir(s.AccountPath("A000")))
	_, stranger := accountToken(t, "X")
	for i := range 2 {
		if i == 1 { // an index that was made long after the last change is sure
			age(t, accounts)
			wantAccount(t, s, stranger, "")
		}
		names := s.NamesOfAccounts()
		for public, want := range map[string]string{keys[9]: "A009", stranger: ""} {
			if name, err := names(public); name != want || err != nil {
				t.Errorf("%q, %v; want %q", name, err, want)
			}
		}
	}
	replaced, _ := accountToken(t, "A009") // another identity, in place
	must(t, os.WriteFile(s.AccountPath("A009"), []byte(replaced), 0o600))
	if name, err := s.NamesOfAccounts()(keys[9]); name != "" || err != nil {
		t.Errorf("a key that is gone is %q, %v", name, err)
	}
	token, public := accountToken(t, "NEW")
	update(t, r, addAccount("NEW", token))
	if name, err := s.NamesOfAccounts()(public); name != "NEW" || err != nil {
		t.Errorf("a new account is %q, %v", name, err)
	}
}

// TestIndexDamaged has an index that is cut short, hostile, a link, or cannot be written.
func TestIndexDamaged(t *testing.T) {
	t.Parallel()
	r, s, keys := many(t)
	file := indexes(t, r)[0]
	good, err := os.ReadFile(file)
	must(t, err)
	for what, data := range map[string]string{
		"cut short": string(good[:len(good)/2]),
		"empty":     "",
		"other":     strings.Replace(string(good), "index 1", "index 2", 1),
		"hostile":   strings.ReplaceAll(string(good), " A", " ../../A"),
		"swapped":   strings.ReplaceAll(string(good), keys[1]+" A001", keys[1]+" A002"),
	} {
		must(t, os.WriteFile(file, []byte(data), 0o600))
		wantAccount(t, s, keys[1], "A001")
		if now, err := os.ReadFile(file); err != nil || !strings.Contains(string(now), keys[1]+" A001\n") {
			t.Errorf("%s: is not made anew: %v", what, err)
		}
	}
	must(t, os.RemoveAll(filepath.Dir(file)))
	must(t, os.WriteFile(filepath.Dir(file), nil, 0o600)) // no directory can be made there
	wantAccount(t, s, keys[1], "A001")
	if left, _ := filepath.Glob(filepath.Join(r.Path(), ".nkeep", "*next*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

// TestIndexOfHostileToken has a token whose subject looks like lines of an index.
func TestIndexOfHostileToken(t *testing.T) {
	t.Parallel()
	_, s, keys := many(t)
	payload, err := json.Marshal(map[string]string{"sub": "A\n" + keys[8] + " A002"})
	must(t, err)
	must(t, os.WriteFile(s.AccountPath("A000"), []byte("e30."+base64.RawURLEncoding.EncodeToString(payload)+".e30"), 0o600))
	age(t, filepath.Dir(filepath.Dir(s.AccountPath("A000"))))
	wantAccount(t, s, keys[0], "") // makes the index anew
	wantAccount(t, s, keys[8], "A008")
	if name, err := s.NamesOfAccounts()(keys[8]); name != "A008" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
}

func BenchmarkByKey(b *testing.B) {
	const count = 10000
	r := openRoot(b, b.TempDir())
	s := storeO(b, r)
	operator, err := nkeys.CreateOperator()
	must(b, err)
	var last string
	must(b, r.Update(b.Context(), func(tx *jwtstore.Tx) error {
		for i := range count {
			account, err := nkeys.CreateAccount()
			if err != nil {
				return err
			}
			if last, err = account.PublicKey(); err != nil {
				return err
			}
			token, err := jwt.NewAccountClaims(last).Encode(operator)
			if err != nil {
				return err
			}
			if _, err := tx.AddAccount("O", fmt.Sprintf("A%05d", i), token); err != nil {
				return err
			}
		}
		return nil
	}))
	for b.Loop() {
		if _, ok, err := s.AccountByKey(last); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
