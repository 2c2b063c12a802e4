package jwtstore

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"nkeep/internal/safefile"
)

// The layout is nsc's:
//
//	<op>/.nsc                               what the directory is, as JSON
//	<op>/<op>.jwt
//	<op>/accounts/<acc>/<acc>.jwt
//	<op>/accounts/<acc>/users/<user>.jwt
//
// A token file is the bare token. A file is named after the trimmed name, a
// directory after the name as it is.
const (
	markerFile  = ".nsc"
	accountsDir = "accounts"
	usersDir    = "users"
	tokenExt    = ".jwt"
	contextFile = "nsc.json"
	indexDir    = safefile.Private + "/index" // nkeep's own; nsc ignores it
)

// Sizes in bytes that no honest file exceeds. Tokens are limited by the jwt
// library; the rest leaves room for line breaks around one.
const (
	maxToken   = 1<<20 + 1024
	maxMarker  = 64 << 10
	maxContext = 1 << 20
)

func operatorFile(op string) string { return operatorFileAs(op, op) }

// operatorFileAs is where the token of the operator lies in a directory that was
// copied or renamed, and whose marker still has its name.
func operatorFileAs(dir, name string) string {
	return path.Join(dir, strings.TrimSpace(name)+tokenExt)
}

func accountDir(acc string) string { return path.Join(accountsDir, acc) }

func accountFile(acc string) string {
	return path.Join(accountDir(acc), strings.TrimSpace(acc)+tokenExt)
}

func usersOf(acc string) string { return path.Join(accountDir(acc), usersDir) }

func userFile(acc, user string) string {
	return path.Join(usersOf(acc), strings.TrimSpace(user)+tokenExt)
}

// CheckName says whether a name may be given to something new.
func CheckName(name string) error { return safefile.CheckName(name) }

// checkElements keeps names that are looked up from leading out of the store.
func checkElements(kind string, names ...string) error {
	for _, n := range names {
		if err := safefile.CheckElement(n); err != nil {
			return &EntityError{Kind: kind, Name: n, Err: err}
		}
	}
	return nil
}

// digest makes a file name of any text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
