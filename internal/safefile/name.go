package safefile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name in bytes. It leaves room for a suffix such as
// ".creds" within the 255 bytes that file systems allow.
const MaxName = 200

// CheckName says whether a name may become an element of a path: the one rule
// for names, whether somebody typed them or they came inside a token. A name
// is 1 to [MaxName] bytes of printable UTF-8 without path separators; "." and
// "..", names that begin with a dot or a dash, leading or trailing blanks,
// control characters, and invisible or direction-changing characters are
// refused. The error says which rule was broken, quoting the name.
func CheckName(name string) error {
	if problem := nameProblem(name); problem != "" {
		return fmt.Errorf("name %s: %s", quoteName(name), problem)
	}
	return nil
}

func nameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > MaxName:
		return fmt.Sprintf("is longer than %d bytes", MaxName)
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case strings.HasPrefix(name, "."):
		return "begins with a dot"
	case strings.HasPrefix(name, "-"):
		return "begins with a dash"
	case strings.ContainsAny(name, `/\`):
		return "holds a path separator"
	case strings.TrimSpace(name) != name:
		return "begins or ends with a blank"
	case strings.IndexFunc(name, unprintable) >= 0:
		return "holds a control or invisible character"
	}
	return ""
}

// unprintable reports characters that a reader cannot see or that change how
// the text around them is shown. Zero-width joiners and bidi controls are in
// category Cf, which IsPrint leaves out; U+115F and its kin are letters that
// show nothing.
func unprintable(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func quoteName(name string) string {
	const shown = 40
	if len(name) > shown {
		name = name[:shown] + "…"
	}
	return fmt.Sprintf("%+q", name)
}

// errNotLocal guards the package against its own callers: every path below a
// Dir is built from checked names.
var errNotLocal = errors.New("leaves the directory")

// CheckElement says whether a name that is on disk already may become an
// element of a path. It is laxer than [CheckName], since names made by other
// tools are there to be read: only what would lead elsewhere is refused, with
// an error that wraps [fs.ErrInvalid].
func CheckElement(name string) error {
	if name == "" || name == "." || name == ".." || len(name) > 255 || strings.ContainsAny(name, "/\\\x00") {
		return elementError{name}
	}
	return nil
}

type elementError struct{ name string }

func (e elementError) Error() string {
	return fmt.Sprintf("name %s: cannot be part of a path", quoteName(e.name))
}

// Is makes it an [fs.ErrInvalid].
func (e elementError) Is(target error) bool { return target == fs.ErrInvalid }
