package faults

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"
)

// usual is a store with everything that a change may be about.
func usual() []string {
	return []string{"add operator O --sys", "add account A", "add user U", "edit user U --tag t --expiry 30d"}
}

// exporting is a store in which an account exports to another.
func exporting() []string {
	return append(usual(), "add account B", "add export -a B -s x.>", "add export -a B -s p --service --private")
}

// change is a command that changes a store. Every one that nkeep has stands in
// the table below, and thereby passes through every fault of this package.
type change struct {
	setup []string
	line  string
	// plant prepares what commands cannot.
	plant func(t *testing.T, h *home)
	// loose is set when keys and creds stay behind of what is gone.
	loose bool
	// reader is the next command, if it is not the usual one.
	reader string
	// deep is set for those that die at every step of every recovery as well.
	deep bool
	// big is set for those of many steps that others consist of as well.
	big bool
}

func changes() map[string]change {
	return map[string]change{
		"add operator":               {line: "add operator O --sys"},
		"add second operator":        {setup: usual(), line: "add operator P"},
		"init":                       {line: "init -n I", big: true},
		"add account":                {setup: usual(), line: "add account B"},
		"add user":                   {setup: usual(), line: "add user V -a A", deep: true},
		"add user with a public key": {setup: usual(), line: "add user V -a A -k " + foreignUser()},
		"add users":                  {setup: usual(), line: "add user V W -a A", big: true},
		"add accounts":               {setup: usual(), line: "add account B C", big: true},
		"edit operator":              {setup: usual(), line: "edit operator --sk generate --tag x"},
		"edit account":               {setup: usual(), line: "edit account A --tag x", deep: true},
		"edit account, new key":      {setup: usual(), line: "edit account A --sk generate"},
		"edit user":                  {setup: usual(), line: "edit user U -a A --allow-pub x"},
		"select account":             {setup: usual(), line: "select account SYS"},
		"select operator":            {setup: append(usual(), "add operator P"), line: "select operator O"},
		// An interrupted change is found in the stores that it was about to write.
		"save other stores":         {setup: usual(), plant: plantStores, line: "env -s $HOME/stores -o P", reader: "list operators --data-dir $HOME/stores"},
		"delete user":               {setup: usual(), line: "delete user U -a A --rm-nkey --rm-creds", deep: true},
		"delete user, leaving keys": {setup: usual(), line: "delete user U -a A", loose: true},
		"delete users":              {setup: append(usual(), "add user V"), line: "delete user U V -a A --rm-nkey --rm-creds", big: true},
		"delete account":            {setup: usual(), line: "delete account A --rm-nkey --rm-creds"},
		"delete operator":           {setup: usual(), line: "delete operator O --force --rm-nkey --rm-creds", big: true},
		"reissue operator":          {setup: usual(), line: "reissue operator", loose: true},
		"rename operator":           {setup: usual(), line: "rename operator O P", big: true},
		"rename account":            {setup: usual(), line: "rename account A B", deep: true},
		"rename user":               {setup: usual(), line: "rename user U V -a A"},
		"revoke user":               {setup: usual(), line: "revocations add-user U -a A"},
		"revoke no more":            {setup: append(usual(), "revocations add-user U -a A"), line: "revocations delete-user U -a A"},
		"add export":                {setup: usual(), line: "add export -a A -s x.>"},
		"edit export":               {setup: append(usual(), "add export -a A -s x.>"), line: "edit export -a A -s x.> --advertise"},
		"delete export":             {setup: append(usual(), "add export -a A -s x.>"), line: "delete export -a A -s x.>"},
		"add scoped key":            {setup: usual(), line: "edit signing-key -a A --sk generate --role r --allow-sub x"},
		"edit scoped key":           {setup: append(usual(), "edit signing-key -a A --sk generate --role r"), line: "edit signing-key r -a A --deny-pub x"},
		"add mapping":               {setup: usual(), line: "add mapping -a A -f x -t y"},
		"delete mapping":            {setup: append(usual(), "add mapping -a A -f x -t y"), line: "delete mapping -a A -f x"},
		"edit auth callout":         {setup: usual(), line: "edit authcallout A --auth-user U --curve generate"},
		"add import":                {setup: exporting(), line: "add import -a A --src-account B --remote-subject x.a"},
		"add private import":        {setup: exporting(), line: "add import -a A --src-account B --remote-subject p --service"},
		"delete import":             {setup: append(exporting(), "add import -a A --src-account B --remote-subject x.a"), line: "delete import -a A -s x.a"},
		"revoke activation":         {setup: exporting(), line: "revocations add-activation -a B -s p -t A"},
		"revoke activation no more": {setup: append(exporting(), "revocations add-activation -a B -s p -t A"), line: "revocations delete-activation -a B -s p -t A"},
		// What is exported lies outside of the stores, where it may stay behind: it is there before.
		"move keys":                     {setup: append(usual(), "export keys -A -d $HOME/out"), line: "export keys -A -d $HOME/out -F -R", loose: true},
		"import keys":                   {setup: append(usual(), "export keys -A -d $HOME/out -R"), line: "import keys -d $HOME/out", loose: true},
		"import account":                {setup: usual(), plant: plantFiles, line: "import account -j $HOME/files/A.jwt"},
		"import user":                   {setup: usual(), plant: plantFiles, line: "import user -f $HOME/files/sys.creds"},
		"init under another's operator": {plant: plantHosted, line: "init --url $HOME/operator.jwt -n I", big: true},
		"load":                          {plant: plantHosted, line: "load --url $HOME/operator.jwt --seed $HOME/account.seed", big: true},
		"edit managed account":          {plant: plantTenant, line: "edit account I --tag x --sk generate"},
		"migrate keys":                  {plant: plantOldKeys, line: "keys migrate", reader: "keys migrate", big: true},
		"pull":                          {setup: usual(), plant: plantServed, line: "pull -a A --overwrite-newer"},
		"migrate accounts":              {setup: append(usual(), "add operator P"), line: "migrate --operator-dir $HOME/.nsc/nats/O", big: true},
		"generate nkeys":                {line: "generate nkey -a -u --store", loose: true},
		"upgrade tokens":                {setup: usual(), plant: plantOldToken, line: "upgrade-jwt", reader: "list accounts"},
	}
}

// foreignUser is a public key whose seed is stored nowhere.
func foreignUser() string { return publicUser(255) }

// publicUser is the public key of a user, another for each number.
func publicUser(n byte) string {
	kp, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, bytes.Repeat([]byte{n}, 32))
	if err != nil {
		panic(err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		panic(err)
	}
	return public
}

// encounters are the commands that meet what does not belong into a store.
func encounters() []string {
	return []string{
		"list users -a A", "describe user U -a A", "generate creds -a A -n U", "list keys -A",
		"add user V -a A", "edit account A --tag x", "edit user U -a A --tag x", "select account SYS",
	}
}

// start makes the home directory that a change is about.
func (c change) start(t *testing.T) *home {
	t.Helper()
	h := newHome(t, c.setup...)
	if c.plant != nil {
		c.plant(t, h)
	}
	return h
}

// next is the command that comes after an interrupted change.
func (c change) next() string {
	if c.reader != "" {
		return c.reader
	}
	return "list operators"
}

// plantStores makes a second directory of stores.
func plantStores(t *testing.T, h *home) {
	t.Helper()
	h.must(t, "-H $HOME/other add operator P")
	rename(t, filepath.Join(h.dir, "other"), filepath.Join(h.dir, "stores"))
}

// plantFiles leaves an account and the creds of a user in files alone.
func plantFiles(t *testing.T, h *home) {
	t.Helper()
	files := filepath.Join(h.dir, "files")
	if err := os.Mkdir(files, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, line := range map[string]string{
		".nsc/nats/O/accounts/A/A.jwt": "delete account A -D -C",
		".nkeys/creds/O/SYS/sys.creds": "delete user sys -a SYS -D -C --revoke=false",
	} {
		data, err := os.ReadFile(filepath.Join(h.dir, from))
		if err == nil {
			err = os.WriteFile(filepath.Join(files, filepath.Base(from)), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		h.must(t, line)
	}
}

// plantOldToken makes a user's token one of version 1, whose signature is over the
// payload alone.
func plantOldToken(t *testing.T, h *home) {
	t.Helper()
	file := h.only(t, ".nsc/nats/O/accounts/A/users/U.jwt")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key := h.pair(t, string(data))
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(string(data), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(strings.Replace(string(body), `,"version":2`, "", 1), `"type":"user"`, `"src":""`, 1)
	old = strings.Replace(old, `"nats":`, `"type":"user","nats":`, 1)
	token := sign(base64.RawURLEncoding.EncodeToString([]byte(old)), key)
	h.write(t, file, base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"jwt","alg":"ed25519"}`))+"."+token)
}

// plantOldKeys files the keys of a store as it was done in 2019.
func plantOldKeys(t *testing.T, h *home) {
	t.Helper()
	for _, line := range []string{"add operator O", "add account A", "add user U"} {
		h.must(t, line)
	}
	var (
		ring = filepath.Join(h.dir, ".nkeys")
		old  = filepath.Join(h.dir, "old")
		acc  = filepath.Join(old, "O", "accounts", "A")
	)
	if err := os.MkdirAll(filepath.Join(acc, "users"), 0o700); err != nil {
		t.Fatal(err)
	}
	for pattern, to := range map[string]string{
		"keys/O/*/*.nk":     filepath.Join(old, "O", "O.nk"),
		"keys/A/*/*.nk":     filepath.Join(acc, "A.nk"),
		"keys/U/*/*.nk":     filepath.Join(acc, "users", "U.nk"),
		"creds/O/A/U.creds": filepath.Join(acc, "users", "U.creds"),
	} {
		rename(t, h.only(t, ".nkeys/"+pattern), to)
	}
	if err := os.RemoveAll(ring); err != nil {
		t.Fatal(err)
	}
	rename(t, old, ring)
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
