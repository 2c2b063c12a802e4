package faults

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// badTokens are ways in which a token is none to be built upon, by what is
// wrong with it. Key is the one that signs tokens of this kind.
func badTokens() map[string]func(good string, key nkeys.KeyPair) string {
	header := func(json string) func(string, nkeys.KeyPair) string {
		return func(good string, key nkeys.KeyPair) string {
			return sign(base64.RawURLEncoding.EncodeToString([]byte(json))+"."+strings.Split(good, ".")[1], key)
		}
	}
	return map[string]func(good string, key nkeys.KeyPair) string{
		"empty":          func(string, nkeys.KeyPair) string { return "" },
		"blank":          func(string, nkeys.KeyPair) string { return " \n" },
		"zeros":          func(good string, _ nkeys.KeyPair) string { return strings.Repeat("\x00", len(good)) },
		"prose":          func(string, nkeys.KeyPair) string { return "this.is.none" },
		"half":           func(good string, _ nkeys.KeyPair) string { return good[:len(good)/2] },
		"unsigned":       func(good string, _ nkeys.KeyPair) string { return good[:strings.LastIndex(good, ".")+1] },
		"huge":           func(good string, _ nkeys.KeyPair) string { return good + strings.Repeat("A", 2<<20) },
		"altered":        func(good string, _ nkeys.KeyPair) string { return strings.Replace(good, ".", ".e", 1) },
		"signed by none": header(`{"typ":"JWT","alg":"none"}`),
		"HS256":          header(`{"typ":"JWT","alg":"HS256"}`),
		"new algorithm":  header(`{"typ":"JWT","alg":"ed448-nkey"}`),
		"no header":      header(`null`),
		"new version": func(good string, key nkeys.KeyPair) string {
			part := strings.Split(good, ".")
			body, _ := base64.RawURLEncoding.DecodeString(part[1])
			body = []byte(strings.Replace(string(body), `"version":2`, `"version":9`, 1))
			return sign(part[0]+"."+base64.RawURLEncoding.EncodeToString(body), key)
		},
		"foreign": func(good string, _ nkeys.KeyPair) string {
			c, err := jwt.Decode(good)
			if err != nil {
				return err.Error()
			}
			kind, _ := nkeys.FromRawSeed(issuerOf(c), make([]byte, ed25519.SeedSize))
			foreign, err := c.Encode(kind)
			if err != nil {
				return err.Error()
			}
			return foreign
		},
	}
}

func issuerOf(c jwt.Claims) nkeys.PrefixByte {
	if c.ClaimType() == jwt.UserClaim {
		return nkeys.PrefixByteAccount
	}
	return nkeys.PrefixByteOperator
}

func sign(text string, key nkeys.KeyPair) string {
	sig, err := key.Sign([]byte(text))
	if err != nil {
		return err.Error()
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// pair reads the key pair of whoever issued a token.
func (h *home) pair(t *testing.T, token string) nkeys.KeyPair {
	t.Helper()
	c, err := jwt.Decode(token)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := os.ReadFile(h.only(t, ".nkeys/keys/*/*/"+c.Claims().Issuer+".nk"))
	if err != nil {
		t.Fatal(err)
	}
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

// TestBadTokens puts bad tokens in place of good ones. What needs the token
// fails and names its file; what does not works as ever.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	for spot, lines := range map[string]struct{ need, rest []string }{
		".nsc/nats/O/O.jwt": {
			[]string{"describe operator", "edit operator --tag x", "add account B", "edit account A --tag x", "add user V -a A"},
			[]string{"list accounts", "list users -a A", "list keys", "env"},
		},
		".nsc/nats/O/accounts/A/A.jwt": {
			[]string{"describe account A", "edit account A --tag x", "add user V -a A", "edit user U -a A --tag x", "list accounts"},
			[]string{"describe account SYS", "edit account SYS --tag x", "add user V -a SYS", "add account B", "edit operator --tag x", "list operators", "list users -a A", "env"},
		},
		".nsc/nats/O/accounts/A/users/U.jwt": {
			[]string{"describe user U -a A", "edit user U -a A --tag x", "list users -a A"},
			[]string{"describe account A", "edit account A --tag x", "add user V -a A", "add account B", "edit operator --tag x", "list accounts", "env"},
		},
	} {
		for name, spoil := range badTokens() {
			t.Run(filepath.Base(spot)+"/"+name, func(t *testing.T) {
				t.Parallel()
				h := newHome(t, usual()...)
				file := filepath.Join(h.dir, filepath.FromSlash(spot))
				good, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				h.write(t, file, spoil(string(good), h.pair(t, string(good))))
				bad := h.look(t)
				for _, line := range lines.need {
					// What only shows a token says what it claims, and what is wrong with it.
					r := h.run(nil, line)
					shown := strings.HasPrefix(line, "list ") || name == "foreign" && strings.HasPrefix(line, "describe ")
					if named := strings.Contains(r.stderr+r.stdout, file); r.code == 0 && !shown || !named && !strings.HasPrefix(line, "list ") {
						t.Errorf("nkeep %s: does not name the file: %s", line, r)
					}
					if diff := bad.diff(h.look(t)); diff != "" {
						t.Errorf("nkeep %s: %s", line, diff)
					}
				}
				for _, line := range lines.rest {
					if r := h.run(nil, line); r.code != 0 && !(strings.HasPrefix(line, "list ") && strings.Contains(r.stderr+r.stdout, file)) {
						t.Errorf("nkeep %s: %s", line, r)
					}
				}
			})
		}
	}
}

func (h *home) write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBrokenSelection breaks the file that every command reads first.
func TestBrokenSelection(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "half": `{"store_root":"/x`, "list": "[]", "number": `{"operator":7}`, "zeros": "\x00\x00\x00",
		"relative": `{"store_root":"x"}`, "huge": `{"operator":"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, usual()...)
			file := filepath.Join(h.dir, ".nsc", "nsc.json")
			h.write(t, file, content)
			broken := h.look(t)
			for _, line := range append(encounters(), "env", "list operators", "add operator P", "keys migrate", "env -o O") {
				r := h.run(nil, line)
				if r.code != 1 || !strings.Contains(r.stderr, file) {
					t.Errorf("nkeep %s: does not name the file: %s", line, r)
				}
				if !strings.Contains(r.stderr, "remove") {
					t.Errorf("nkeep %s: does not say how to mend it: %s", line, r)
				}
			}
			if diff := broken.diff(h.look(t)); diff != "" {
				t.Errorf("changed: %s", diff)
			}
		})
	}
}

// TestOneUnreadableAmongMany spoils one of many accounts: everything else works.
func TestOneUnreadableAmongMany(t *testing.T) {
	t.Parallel()
	const many = 300
	h := newHome(t, usual()...)
	good, err := os.ReadFile(filepath.Join(h.dir, ".nsc/nats/O/accounts/A/A.jwt"))
	if err != nil {
		t.Fatal(err)
	}
	operator := h.pair(t, string(good))
	for i := range many {
		h.plantAccount(t, fmt.Sprintf("a%03d", i), operator)
	}
	bad := filepath.Join(h.dir, ".nsc/nats/O/accounts/a150/a150.jwt")
	h.write(t, bad, "spoilt")
	for _, line := range []string{
		"add account B", "add user V -a A", "add user W -a A -k " + foreignUser(), "edit account a151 --tag x", "edit operator --tag x",
		"describe account a149", "list users -a A", "select account a001", "add operator P", "select operator O",
	} {
		if r := h.run(nil, line); r.code != 0 {
			t.Errorf("nkeep %s: %s", line, r)
		}
	}
	began := time.Now()
	r := h.run(nil, "list accounts")
	if got := strings.Count(r.stdout, "│ a"); got != many || !strings.Contains(r.stdout+r.stderr, bad) {
		t.Errorf("lists %d accounts after %v: %s", got, time.Since(began), r)
	}
	for _, line := range []string{"describe account a150", "edit account a150 --tag x", "add user U -a a150"} {
		if r := h.run(nil, line); r.code == 0 || !strings.Contains(r.stderr, bad) {
			t.Errorf("nkeep %s: does not name the file: %s", line, r)
		}
	}
}

// plantAccount makes an account faster than a command does.
func (h *home) plantAccount(t *testing.T, name string, operator nkeys.KeyPair) {
	t.Helper()
	kp, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := kp.Seed()
	if err != nil {
		t.Fatal(err)
	}
	ac := jwt.NewAccountClaims(public)
	ac.Name = name
	token, err := ac.Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{
		".nsc/nats/O/accounts/" + name + "/" + name + ".jwt":  token,
		".nkeys/keys/A/" + public[1:3] + "/" + public + ".nk": string(seed),
	} {
		file = filepath.Join(h.dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		h.write(t, file, content)
	}
}
