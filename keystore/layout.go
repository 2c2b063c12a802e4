package keystore

import (
	"path"
	"strings"

	"github.com/nats-io/nkeys"
)

// The layout is nsc's:
//
//	.gitignore
//	keys/<K>/<XX>/<PUBLIC>.nk          K the first character of the public key, XX the next two
//	creds/<operator>/<account>/<user>.creds
const (
	keysDir    = "keys"
	credsDir   = "creds"
	ignoreFile = ".gitignore"
	keyExt     = ".nk"
	credsExt   = ".creds"
)

// ignored keeps secrets out of a git repository that somebody makes here.
const ignored = "# ignore all nk files\n**/*.nk\n\n# ignore all creds files\n**/*.creds\n"

// Sizes in bytes that no honest file exceeds.
const (
	maxKeyFile   = 4 << 10
	maxCredsFile = 2 << 20
)

func keyFile(public string) string {
	return path.Join(keysDir, public[:1], public[1:3], public+keyExt)
}

func credsFile(operator, account, user string) string {
	return path.Join(credsOf(operator, account), user+credsExt)
}

func credsOf(operator, account string) string { return path.Join(credsDir, operator, account) }

// keyOf is the public key that a file name promises; ok is false for names of another kind.
func keyOf(name string) (public string, ok bool) {
	public, ok = strings.CutSuffix(name, keyExt)
	return public, ok && nkeys.IsValidPublicKey(public)
}
