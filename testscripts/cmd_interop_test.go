package testscripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/rogpeppe/go-internal/testscript"
)

// What nsc writes is made, and what nkeep writes is read, by the rules of nsc's
// layout and with the libraries that both are built upon: no code of nkeep's.

// nscPlaces are the directories of nsc.
type nscPlaces struct{ config, stores, keys string }

// placesOfNsc are where nsc has its files: xdg, legacy or all (its -H).
func placesOfNsc(ts *testscript.TestScript, layout string) nscPlaces {
	home := ts.Getenv("HOME")
	switch layout {
	case "xdg":
		data := filepath.Join(home, ".local", "share", "nats", "nsc")
		return nscPlaces{filepath.Join(home, ".config", "nats", "nsc"), filepath.Join(data, "stores"), filepath.Join(data, "keys")}
	case "legacy":
		return nscPlaces{filepath.Join(home, ".nsc"), filepath.Join(home, ".nsc", "nats"), filepath.Join(home, ".nkeys")}
	case "all":
		dir := ts.MkAbs("all")
		return nscPlaces{dir, dir, dir}
	}
	ts.Fatalf("layout %q: is none of xdg, legacy, all", layout)
	return nscPlaces{}
}

// cmdNscStore makes the files of nsc: operator O with a signing key, a system
// account, account A with a plain and a scoped signing key, a public and a private
// export, and users of all three keys, and account B that imports both.
func cmdNscStore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nscstore xdg|legacy|all")
	}
	n := nscWriter{ts: ts, at: placesOfNsc(ts, args[0]), operator: "O"}
	op, opSigning := n.key(nkeys.PrefixByteOperator), n.key(nkeys.PrefixByteOperator)
	sys, sysSigning := n.key(nkeys.PrefixByteAccount), n.key(nkeys.PrefixByteAccount)
	a, aSigning, aScoped := n.key(nkeys.PrefixByteAccount), n.key(nkeys.PrefixByteAccount), n.key(nkeys.PrefixByteAccount)
	b := n.key(nkeys.PrefixByteAccount)

	n.newOperator(op, func(oc *jwt.OperatorClaims) {
		oc.SystemAccount = n.public(sys)
		oc.SigningKeys.Add(n.public(opSigning))
		oc.OperatorServiceURLs = jwt.StringList{"nats://localhost:4222"}
	})

	sc := jwt.NewAccountClaims(n.public(sys))
	sc.Name = "SYS"
	sc.SigningKeys.Add(n.public(sysSigning))
	n.account(sc, opSigning)
	n.user("SYS", "sys", n.public(sys), sysSigning, nil)

	ac := jwt.NewAccountClaims(n.public(a))
	ac.Name = "A"
	ac.SigningKeys.Add(n.public(aSigning))
	scope := jwt.NewUserScope()
	scope.Key, scope.Role = n.public(aScoped), "reader"
	scope.Template.Sub.Allow.Add("in.>")
	ac.SigningKeys.AddScopedSigner(scope)
	ac.Exports.Add(&jwt.Export{Name: "news", Subject: "news.>", Type: jwt.Stream}, &jwt.Export{Name: "help", Subject: "help", Type: jwt.Service, TokenReq: true})
	n.account(ac, op)
	n.user("A", "u", n.public(a), a, nil)
	n.user("A", "v", n.public(a), aSigning, nil)
	n.user("A", "r", n.public(a), aScoped, func(uc *jwt.UserClaims) { uc.UserPermissionLimits = jwt.UserPermissionLimits{} })

	act := jwt.NewActivationClaims(n.public(b))
	act.Name, act.ImportSubject, act.ImportType = "help", "help", jwt.Service
	bc := jwt.NewAccountClaims(n.public(b))
	bc.Name = "B"
	bc.Imports.Add(&jwt.Import{Name: "news", Subject: "news.>", Account: n.public(a), Type: jwt.Stream},
		&jwt.Import{Name: "help", Subject: "help", Account: n.public(a), Type: jwt.Service, Token: n.sign(act, a)})
	n.account(bc, op)

	saved, err := json.Marshal(savedByNsc{n.at.stores, "O", "A", "nats-io/nsc", 1795361184})
	ts.Check(err)
	n.put(filepath.Join(n.at.config, "nsc.json"), string(saved))
	n.put(filepath.Join(n.at.keys, ".gitignore"), "# ignore all nk files\n**/*.nk\n\n# ignore all creds files\n**/*.creds\n")
}

// savedByNsc is nsc.json.
type savedByNsc struct {
	StoreRoot     string `json:"store_root"`
	Operator      string `json:"operator"`
	Account       string `json:"account"`
	GithubUpdates string `json:"github_updates"`
	LastUpdate    int64  `json:"last_update"`
}

type nscWriter struct {
	ts       *testscript.TestScript
	at       nscPlaces
	operator string // whose directory is written to
}

func (n nscWriter) put(file, content string) {
	n.ts.Check(os.MkdirAll(filepath.Dir(file), 0o700))
	n.ts.Check(os.WriteFile(file, []byte(content), 0o600))
}

// key makes a key and stores its seed.
func (n nscWriter) key(kind nkeys.PrefixByte) nkeys.KeyPair {
	kp, err := nkeys.CreatePair(kind)
	n.ts.Check(err)
	public := n.public(kp)
	n.put(filepath.Join(n.at.keys, "keys", public[:1], public[1:3], public+".nk"), string(n.seed(kp)))
	return kp
}

func (n nscWriter) seed(kp nkeys.KeyPair) []byte {
	seed, err := kp.Seed()
	n.ts.Check(err)
	return seed
}

func (n nscWriter) public(kp nkeys.KeyPair) string {
	public, err := kp.PublicKey()
	n.ts.Check(err)
	return public
}

func (n nscWriter) sign(c jwt.Claims, by nkeys.KeyPair) string {
	token, err := c.Encode(by)
	n.ts.Check(err)
	return token
}

func (n nscWriter) newOperator(by nkeys.KeyPair, edit func(*jwt.OperatorClaims)) {
	oc := jwt.NewOperatorClaims(n.public(by))
	oc.Name = n.operator
	edit(oc)
	dir := filepath.Join(n.at.stores, n.operator)
	n.put(filepath.Join(dir, ".nsc"), fmt.Sprintf(`{"managed":false,"name":%q,"kind":"operator","version":"1"}`, n.operator))
	n.put(filepath.Join(dir, n.operator+".jwt"), n.sign(oc, by))
}

func (n nscWriter) account(ac *jwt.AccountClaims, by nkeys.KeyPair) {
	n.put(filepath.Join(n.at.stores, n.operator, "accounts", ac.Name, ac.Name+".jwt"), n.sign(ac, by))
}

func (n nscWriter) user(account, name, public string, by nkeys.KeyPair, edit func(*jwt.UserClaims)) {
	kp := n.key(nkeys.PrefixByteUser)
	uc := jwt.NewUserClaims(n.public(kp))
	uc.Name = name
	if edit != nil {
		edit(uc)
	}
	if n.public(by) != public {
		uc.IssuerAccount = public
	}
	token := n.sign(uc, by)
	n.put(filepath.Join(n.at.stores, n.operator, "accounts", account, "users", name+".jwt"), token)
	creds, err := jwt.FormatUserConfig(token, n.seed(kp))
	n.ts.Check(err)
	n.put(filepath.Join(n.at.keys, "creds", n.operator, account, name+".creds"), string(creds))
}

// cmdNscReads checks that nsc can read everything, down to bytes and modes, and
// that nothing lies where nsc would stumble over it.
func cmdNscReads(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nscreads xdg|legacy|all")
	}
	r := nscReader{ts: ts, at: placesOfNsc(ts, args[0])}
	for _, dir := range slices.Compact([]string{r.at.config, r.at.stores, r.at.keys}) {
		ts.Check(filepath.WalkDir(dir, r.file))
	}
	if r.tokens == 0 || r.seeds == 0 || r.creds == 0 {
		ts.Fatalf("read %d tokens, %d seeds, %d creds", r.tokens, r.seeds, r.creds)
	}
}

type nscReader struct {
	ts                   *testscript.TestScript
	at                   nscPlaces
	tokens, seeds, creds int
}

func (r *nscReader) file(file string, e fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if e.Name() == ".nkeep" { // a dot-file, which nsc ignores
		return fs.SkipDir
	}
	info, err := e.Info()
	if err != nil {
		return err
	}
	want := fs.FileMode(0o600)
	if e.IsDir() {
		want = 0o700
	}
	if info.Mode().Perm() != want {
		return fmt.Errorf("%s: mode %v, want %v", file, info.Mode().Perm(), want)
	}
	if e.IsDir() {
		return nil
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = r.content(file, data)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func (r *nscReader) content(file string, data []byte) error {
	base := filepath.Base(file)
	switch filepath.Ext(base) {
	case ".jwt":
		r.tokens++
		if bytes.ContainsAny(data, " \r\n") { // which the library skips
			return fmt.Errorf("is not the bare token: %q", data)
		}
		c, err := jwt.Decode(string(data))
		if err != nil {
			return err
		}
		if c.Claims().Name+".jwt" != base {
			return fmt.Errorf("is of %q", c.Claims().Name)
		}
		return nil
	case ".nk":
		r.seeds++
		kp, err := nkeys.FromSeed(data)
		if err != nil {
			return err
		}
		public, err := kp.PublicKey()
		right := filepath.Join(r.at.keys, "keys", public[:1], public[1:3], public+".nk")
		if err != nil || file != right || len(data) != 58 {
			return errors.Join(fmt.Errorf("%d bytes of key %s", len(data), public), err)
		}
		return nil
	case ".creds":
		r.creds++
		return r.credsAs(data)
	}
	switch base {
	case ".nsc":
		name := filepath.Base(filepath.Dir(file))
		if want := fmt.Sprintf(`{"managed":false,"name":%q,"kind":"operator","version":"1"}`, name); string(data) != want {
			return fmt.Errorf("is %s, want %s", data, want)
		}
	case "nsc.json":
		var saved savedByNsc
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&saved); err != nil {
			return err
		}
		again, err := json.Marshal(saved)
		if err != nil || !bytes.Equal(again, data) || saved.StoreRoot != r.at.stores {
			return errors.Join(fmt.Errorf("is %s, want %s", data, again), err)
		}
	case ".gitignore":
	default:
		return errors.New("is nothing of nsc's")
	}
	return nil
}

// credsAs compares creds with those that the library makes of token and seed, and
// the token with that of the user.
func (r *nscReader) credsAs(data []byte) error {
	token, err := jwt.ParseDecoratedJWT(data)
	if err != nil {
		return err
	}
	kp, err := jwt.ParseDecoratedUserNKey(data)
	if err != nil {
		return err
	}
	seed, err := kp.Seed()
	if err != nil {
		return err
	}
	want, err := jwt.FormatUserConfig(strings.TrimSpace(token), seed)
	if err != nil || !bytes.Equal(want, data) {
		return errors.Join(errors.New("is not what the library makes of it"), err)
	}
	return nil
}
