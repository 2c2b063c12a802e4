package keystore

import (
	"context"
	"errors"
	"path"
	"strings"

	"nkeep/internal/safefile"

	"github.com/nats-io/nkeys"
)

// FoundKind says what lies, or should lie, at a place of the keystore.
type FoundKind string

// The kinds.
const (
	FoundDir      FoundKind = "directory"
	FoundSeed     FoundKind = "seed"
	FoundCreds    FoundKind = "creds"
	FoundLeftover FoundKind = "leftover" // of an interrupted change
	FoundOther    FoundKind = "other"    // nothing of ours
)

// Found is one thing in the keystore. It never carries a seed.
type Found struct {
	safefile.Found
	Kind   FoundKind
	Public string // key that the name of a seed file promises; empty if it is no key's
	Holds  string // public key of the seed that a file does hold; empty if it holds none
	Right  string // where that seed belongs, slash-separated below the keystore

	Operator, Account, User string // whose creds they are, by the path
	Token                   string // of creds; not verified
}

// Survey goes through the keys and creds, without following links and whatever
// state they are in, and opens each file once; see [safefile.Dir.Survey]. A file
// that holds no seed or no creds has Err set. visit is called from several
// goroutines at once.
func (r *Ring) Survey(ctx context.Context, visit func(Found)) error {
	return r.dir.Survey(ctx, safefile.Visitor{
		Enter: func(name string) bool {
			top, _, _ := strings.Cut(name, "/")
			return top == keysDir || top == credsDir
		},
		Limit: func(name string) int64 {
			switch placeOf(name).Kind {
			case FoundSeed:
				return maxKeyFile
			case FoundCreds:
				return maxCredsFile
			default:
				return 0
			}
		},
		Visit: func(f safefile.Found) { visit(recognize(f)) },
	})
}

func recognize(f safefile.Found) Found {
	defer clear(f.Data)
	p := placeOf(f.File)
	p.Found = f
	p.Data = nil
	switch {
	case f.Leftover:
		p.Kind = FoundLeftover
	case f.Dir() && p.Kind == FoundOther:
		p.Kind = FoundDir
	case f.Dir():
		p.Err = errors.Join(f.Err, safefile.ErrNotRegular)
	case p.Kind == FoundOther && errors.Is(f.Err, safefile.ErrLink) && isDirPlace(f.File):
		p.Kind = FoundDir
	case f.Err != nil:
	case p.Kind == FoundSeed:
		p.readSeed(f.Data)
	case p.Kind == FoundCreds:
		p.readCreds(f.Data)
	}
	return p
}

// isDirPlace tells where a directory of keys or creds belongs.
func isDirPlace(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return (top == keysDir || top == credsDir) && path.Ext(name) == ""
}

// placeOf says what belongs at a path below the keystore. Anything named like a
// seed is taken for one wherever it lies among the keys.
func placeOf(name string) Found {
	parts := strings.Split(name, "/")
	f := Found{Kind: FoundOther}
	switch ext := path.Ext(name); {
	case parts[0] == keysDir && len(parts) > 1 && ext == keyExt:
		f.Kind = FoundSeed
		if public, ok := keyOf(path.Base(name)); ok {
			f.Public = public
		}
	case parts[0] == credsDir && len(parts) == 4 && ext == credsExt:
		f.Kind = FoundCreds
		f.Operator, f.Account, f.User = parts[1], parts[2], strings.TrimSuffix(parts[3], credsExt)
	case parts[0] == credsDir && len(parts) > 1:
		f.Operator = parts[1]
	}
	return f
}

func (f *Found) readSeed(data []byte) {
	kp, err := pairOf(data)
	if err == nil {
		f.Holds, err = kp.PublicKey()
		kp.Wipe()
	}
	if err != nil || !nkeys.IsValidPublicKey(f.Holds) {
		f.Holds, f.Err = "", errNoSeed
		return
	}
	f.Right = keyFile(f.Holds)
}

func (f *Found) readCreds(data []byte) {
	token, kp, err := ParseCreds(data)
	if err == nil {
		f.Token = strings.TrimSpace(token)
		f.Holds, err = kp.PublicKey()
		kp.Wipe()
	}
	if err != nil {
		f.Token, f.Holds, f.Err = "", "", err
	}
}
