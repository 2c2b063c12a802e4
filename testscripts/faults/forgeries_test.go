//go:build unix

package faults

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// What a server may cost, whatever it answers.
const (
	mostTime   = 20 * time.Second
	mostMemory = 400 << 10 // KiB
)

// victim is a store that a server lies to about its account A.
type victim struct {
	*home
	file     string // token of A
	token    string
	public   string
	other    string // token of account B
	operator string // token
	key      nkeys.KeyPair
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{home: newHome(t, append(usual(), "add account B")...)}
	tokens := filepath.Join(v.dir, ".nsc", "nats", "O")
	v.file = filepath.Join(tokens, "accounts", "A", "A.jwt")
	v.token = string(read(t, v.file))
	v.other = string(read(t, filepath.Join(tokens, "accounts", "B", "B.jwt")))
	v.operator = string(read(t, filepath.Join(tokens, "O.jwt")))
	v.public = v.account(t).Subject
	v.key = v.pair(t, v.token)
	return v
}

func (v *victim) account(t *testing.T) *jwt.AccountClaims {
	t.Helper()
	c, err := jwt.DecodeAccountClaims(v.token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forgeries are tokens that are not to be taken for account A, whatever says so.
func (v *victim) forgeries(t *testing.T) map[string]string {
	t.Helper()
	stranger := newPair(t, nkeys.PrefixByteOperator)
	edited := func(kp nkeys.KeyPair, edit func(c *jwt.AccountClaims)) string {
		c := v.account(t)
		c.Limits.Conn = 7
		if edit != nil {
			edit(c)
		}
		return encoded(t, c, kp)
	}
	return map[string]string{
		"another account":     v.other,
		"signed by stranger":  edited(stranger, nil),
		"signed by itself":    edited(v.pairOfKey(t, v.public), nil),
		"an operator":         v.operator,
		"older":               v.aged(t),
		"climbing":            edited(v.key, func(c *jwt.AccountClaims) { c.Name = "../../../climbed" }),
		"escape sequence":     edited(v.key, func(c *jwt.AccountClaims) { c.Name = "\x1b[2Jx" }),
		"without a name":      edited(v.key, func(c *jwt.AccountClaims) { c.Name = "" }),
		"name of another":     edited(v.key, func(c *jwt.AccountClaims) { c.Name = "B" }),
		"changed when signed": v.token[:len(v.token)-8] + "AAAAAAAA",
		"html":                "<html><body>\x1b[31mSign in</body></html>",
		"no object":           "[1,2,3]",
		"nothing":             "",
		"large":               strings.Repeat("x", 900<<10),
	}
}

// aged is a token of A that was issued in 2001 and says something else.
func (v *victim) aged(t *testing.T) string {
	t.Helper()
	return v.issuedAt(t, 1e9, 7)
}

// renewed is aged for an hour from now: it is the newest.
func (v *victim) renewed(t *testing.T) string {
	t.Helper()
	return v.issuedAt(t, time.Now().Add(time.Hour).Unix(), 7)
}

// issuedAt is the account with a limit of connections, signed by its operator. Its id
// comes of what it says.
func (v *victim) issuedAt(t *testing.T, at int64, conns int) string {
	t.Helper()
	parts := strings.Split(v.token, ".")
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	doc["iat"] = at
	doc["nats"].(map[string]any)["limits"].(map[string]any)["conn"] = conns
	doc["jti"] = fmt.Sprintf("%052d", conns)
	if data, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	return sign(parts[0]+"."+base64.RawURLEncoding.EncodeToString(data), v.key)
}

func newPair(t *testing.T, prefix nkeys.PrefixByte) nkeys.KeyPair {
	t.Helper()
	kp, err := nkeys.CreatePair(prefix)
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

func encoded(t *testing.T, c jwt.Claims, kp nkeys.KeyPair) string {
	t.Helper()
	token, err := c.Encode(kp)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// pairOfKey is the stored key pair of a public key.
func (v *victim) pairOfKey(t *testing.T, public string) nkeys.KeyPair {
	t.Helper()
	seed, err := os.ReadFile(v.only(t, ".nkeys/keys/*/*/"+public+".nk"))
	if err != nil {
		t.Fatal(err)
	}
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

// endure runs a command against a server that lies: nothing changes, nothing that
// moves the cursor is shown, and it ends in time and in little memory.
func (v *victim) endure(t *testing.T, line string) result {
	t.Helper()
	before := v.look(t)
	status := filepath.Join(t.TempDir(), "status")
	if crc32.ChecksumIEEE([]byte(t.Name()))%thin != 0 {
		t.Skip("is tried without the race detector")
	}
	begin := time.Now()
	r := v.runChild(t, "measured="+status, line)
	if took := time.Since(begin); took > dearer*mostTime {
		t.Errorf("nkeep %s: took %v", line, took)
	}
	if used := peak(t, status); used > dearer*mostMemory {
		t.Errorf("nkeep %s: took %d KiB of memory", line, used)
	}
	if text := r.stdout + r.stderr; strings.ContainsRune(text, '\x1b') || strings.Contains(text, "goroutine ") || r.code < 0 {
		t.Errorf("nkeep %s: %s", line, r)
	}
	if diff := before.diff(v.look(t)); diff != "" {
		t.Errorf("nkeep %s: %s\n%s", line, diff, r)
	}
	return r
}

// peak is the most memory that a process had, in KiB; 0 where the system does not tell.
func peak(t *testing.T, status string) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(read(t, status))
	if found == nil {
		t.Fatal("no VmHWM")
	}
	used, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB", used)
	return used
}
