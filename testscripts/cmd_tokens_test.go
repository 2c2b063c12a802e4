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
// no command makes. Objects in the patch are merged, null removes, and
// variables are expanded.
//
//	forge $STORES/O/accounts/A/A.jwt $OPERATOR_KEY patch.json
func cmdForge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge token-file key patch.json")
	}
	token := tokenIn(ts, args[0])
	doc, err := payload(token)
	ts.Check(err)
	var patch map[string]any
	ts.Check(json.Unmarshal([]byte(os.Expand(ts.ReadFile(args[2]), ts.Getenv)), &patch))
	merge(doc, patch)
	data, err := json.Marshal(doc)
	ts.Check(err)
	c, err := jwt.Decode(token)
	ts.Check(err)
	switch c.ClaimType() {
	case jwt.OperatorClaim:
		c = &jwt.OperatorClaims{}
	case jwt.AccountClaim:
		c = &jwt.AccountClaims{}
	case jwt.UserClaim:
		c = &jwt.UserClaims{}
	default:
		ts.Fatalf("%s: holds a token of type %s", args[0], c.ClaimType())
	}
	ts.Check(json.Unmarshal(data, c))
	forged, err := c.Encode(pairOf(ts, args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(forged), 0o600))
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
	var doc map[string]any
	return doc, json.Unmarshal(data, &doc)
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
