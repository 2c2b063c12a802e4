package testscripts

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdClaims prints what a token in a file (bare, decorated or creds) says,
// without the time of its signing and the id that follows from it.
func cmdClaims(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: claims file")
	}
	doc, err := payload(tokenIn(ts, args[0]))
	ts.Check(err)
	delete(doc, "iat")
	delete(doc, "jti")
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	ts.Check(enc.Encode(doc))
	fmt.Fprint(ts.Stdout(), b.String())
}

// cmdForge changes the claims in a token file and signs them with a key whose
// seed lies somewhere below $WORK, or is the content of a file. It makes what
// no command makes, and knows nothing of what claims may hold. Objects in the
// patch are merged, null removes, lists are replaced, and variables are expanded.
//
//	forge $STORES/O/accounts/A/A.jwt $OPERATOR_KEY patch.json
func cmdForge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge token-file key patch.json")
	}
	token := tokenIn(ts, args[0])
	doc, err := payload(token)
	ts.Check(err)
	patch, err := exact([]byte(os.Expand(ts.ReadFile(args[2]), ts.Getenv)))
	ts.Check(err)
	merge(doc, patch)
	forged, err := signed(doc, pairOf(ts, args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(forged), 0o600))
}

// cmdVersion1 makes the token in each file one of version 1, as its issuer signed
// them: kind and tags stood outside of the rest, and the signature was over the
// payload alone.
func cmdVersion1(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: version1 token-file...")
	}
	for _, file := range args {
		doc, err := payload(tokenIn(ts, file))
		ts.Check(err)
		inner, ok := doc["nats"].(map[string]any)
		if !ok {
			ts.Fatalf("%s: holds nothing of NATS", file)
		}
		for _, name := range []string{"type", "tags", "issuer_account"} {
			if v, ok := inner[name]; ok {
				doc[name] = v
				delete(inner, name)
			}
		}
		delete(inner, "version")
		data, err := json.Marshal(doc)
		ts.Check(err)
		enc := base64.RawURLEncoding
		body := enc.EncodeToString(data)
		sig, err := pairOf(ts, fmt.Sprint(doc["iss"])).Sign([]byte(body))
		ts.Check(err)
		token := enc.EncodeToString([]byte(`{"typ":"jwt","alg":"ed25519"}`)) + "." + body + "." + enc.EncodeToString(sig)
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(token), 0o600))
	}
}

// signed is a token of the document as it stands, but for the issuer and the
// time: jwt's own types would drop what they do not know.
func signed(doc map[string]any, pair nkeys.KeyPair) (string, error) {
	public, err := pair.PublicKey()
	if err != nil {
		return "", err
	}
	doc["iss"], doc["iat"] = public, time.Now().Unix()
	data, err := json.Marshal(doc)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(`{"typ":"JWT","alg":"ed25519-nkey"}`)) + "." + enc.EncodeToString(data)
	sig, err := pair.Sign([]byte(text))
	return text + "." + enc.EncodeToString(sig), err
}

func tokenIn(ts *testscript.TestScript, file string) string {
	token, err := jwt.ParseDecoratedJWT([]byte(ts.ReadFile(file)))
	ts.Check(err)
	return strings.TrimSpace(token)
}

func payload(token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("a token has three parts, not %d", len(parts))
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	return exact(data)
}

// exact decodes an object with its numbers as they are written.
func exact(data []byte) (doc map[string]any, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err = dec.Decode(&doc)
	return doc, err
}

// merge applies a JSON merge patch (RFC 7396).
func merge(doc, patch map[string]any) {
	for k, v := range patch {
		inner, ok := v.(map[string]any)
		old, had := doc[k].(map[string]any)
		switch {
		case v == nil:
			delete(doc, k)
		case ok && had:
			merge(old, inner)
		default:
			doc[k] = v
		}
	}
}

// pairOf finds the key pair of a public key in the files of the script, or in
// the file that holds its seed.
func pairOf(ts *testscript.TestScript, key string) nkeys.KeyPair {
	file := ts.MkAbs(key)
	if nkeys.IsValidPublicKey(key) {
		file = ""
		ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.Name() == key+".nk" {
				file = path
				return fs.SkipAll
			}
			return err
		}))
	}
	seed, err := os.ReadFile(file)
	if err != nil {
		ts.Fatalf("key %s: %v", key, err)
	}
	pair, err := nkeys.FromSeed(bytes.TrimSpace(seed))
	ts.Check(err)
	return pair
}
