package jwtstore

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"nkeep/internal/safefile"
)

// Quarantine takes files out of a directory without losing them.
type Quarantine = safefile.Quarantine

// FoundKind says what lies, or should lie, at a place of the stores directory.
type FoundKind string

// The kinds.
const (
	FoundDir      FoundKind = "directory"
	FoundMarker   FoundKind = "marker"
	FoundOperator FoundKind = KindOperator
	FoundAccount  FoundKind = KindAccount
	FoundUser     FoundKind = KindUser
	FoundSettings FoundKind = "settings"
	FoundStray    FoundKind = "stray"    // a token under a name that no command looks at
	FoundLeftover FoundKind = "leftover" // of an interrupted change
	FoundOther    FoundKind = "other"    // nothing of ours
)

// Found is one thing below the stores directory. Err says why a token or a
// marker cannot be read.
type Found struct {
	safefile.Found
	Kind     FoundKind
	Operator string // whose directory it is in
	Account  string // likewise
	Name     string // of the operator, account or user, as the path has it
	Token    string // of an operator, account or user, and a stray one; not verified
	Managed  bool   // what a marker says
}

var errNoMarker = errors.New("does not describe an operator")

// Survey goes through all that belongs to the stores, without following links
// and whatever state it is in, and opens each file once; see [safefile.Dir.Survey]
// for the order. visit is called from several goroutines at once.
func (r *Root) Survey(ctx context.Context, visit func(Found)) error {
	return r.dir.Survey(ctx, safefile.Visitor{
		Enter: func(name string) bool { return strings.Contains(name, "/") || r.maybeOperator(name) },
		Limit: func(name string) int64 {
			switch placeOf(name).Kind {
			case FoundMarker:
				return maxMarker
			case FoundOperator, FoundAccount, FoundUser, FoundStray:
				return maxToken
			default:
				return 0
			}
		},
		Visit: func(f safefile.Found) { visit(recognize(r.dir, f)) },
	})
}

// maybeOperator tells an operator's directory from others, such as those of the
// keys when one directory is used for everything: its marker or its token is there.
func (r *Root) maybeOperator(name string) bool {
	for _, file := range []string{path.Join(name, markerFile), operatorFile(name)} {
		if _, err := r.dir.Stat(file); err == nil {
			return true
		}
	}
	return false
}

func recognize(root *safefile.Dir, f safefile.Found) Found {
	p := placeOf(f.File)
	if p.Kind == FoundStray && f.File == findOperatorFile(root, p.Operator) {
		p.Kind, p.Name = FoundOperator, p.Operator
	}
	p.Found = f
	switch {
	case f.Leftover:
		p.Kind = FoundLeftover
	case f.Dir() && p.Kind == FoundOther:
		p.Kind = FoundDir
	case f.Dir():
		p.Err = errors.Join(f.Err, safefile.ErrNotRegular)
	case p.Kind == FoundOther && f.Unfit() && isDirPlace(f.File):
		p.Kind = FoundDir
	case f.Err != nil:
	case p.Kind == FoundMarker:
		var m marker
		if err := json.Unmarshal(f.Data, &m); err != nil || m.Kind != KindOperator {
			p.Err = errNoMarker
		}
		p.Managed = m.Managed
	default:
		p.Token = bare(f.Data)
	}
	p.Data = nil
	return p
}

// isDirPlace tells where a directory belongs.
func isDirPlace(name string) bool {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) == 1, len(parts) == 2 && parts[1] == accountsDir:
		return true
	case len(parts) == 3 && parts[1] == accountsDir:
		return true
	}
	return len(parts) == 4 && parts[1] == accountsDir && parts[3] == usersDir
}

// placeOf says what belongs at a path below the stores directory.
func placeOf(name string) Found {
	parts := strings.Split(name, "/")
	base, isToken := strings.CutSuffix(parts[len(parts)-1], tokenExt)
	f := Found{Kind: FoundOther, Operator: parts[0]}
	if len(parts) > 2 && parts[1] == accountsDir {
		f.Account = parts[2]
	}
	switch {
	case len(parts) == 2 && parts[1] == markerFile:
		f.Kind, f.Name = FoundMarker, parts[0]
	case !isToken:
	case len(parts) == 2:
		f.Kind, f.Name = namedAfter(FoundOperator, base, parts[0])
	case len(parts) == 4 && f.Account != "":
		f.Kind, f.Name = namedAfter(FoundAccount, base, parts[2])
	case len(parts) == 5 && f.Account != "" && parts[3] == usersDir:
		f.Kind, f.Name = FoundUser, base
	}
	return f
}

// namedAfter tells a token that is named after its directory from a stray one.
func namedAfter(kind FoundKind, base, dir string) (FoundKind, string) {
	if base == strings.TrimSpace(dir) {
		return kind, dir
	}
	return FoundStray, base
}

// Fold makes names equal that are one where upper case and lower case are the same.
func Fold(name string) string { return fold(name) }

// Survey looks at the configuration directory alone, without reading anything;
// see [Root.Survey].
func (s *Settings) Survey(ctx context.Context, visit func(Found)) error {
	return s.dir.Survey(ctx, safefile.Visitor{
		Enter: func(string) bool { return false },
		Limit: func(string) int64 { return 0 },
		Visit: func(f safefile.Found) {
			kind := FoundOther
			switch {
			case f.Leftover:
				kind = FoundLeftover
			case f.File == contextFile:
				kind = FoundSettings
			}
			visit(Found{Found: f, Kind: kind})
		},
	})
}
