package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes text from the store or the network safe to show. What a terminal would obey or a reader could not see comes
// out as a visible escape in Go's notation: control characters and line breaks (\x1b, \n), bidirectional overrides,
// zero-width and other invisible characters (\u202e), blanks other than U+0020, and bytes that are not UTF-8 (\xff).
// Printable text of any language stays as it is, a backslash too, so Escape(Escape(s)) == Escape(s).
func Escape(s string) string {
	clean := cleanPrefix(s)
	if clean == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:clean])
	for i := clean; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		b.WriteString(visible(r, s[i:i+size]))
		i += size
	}
	return b.String()
}

// cleanPrefix returns how many bytes of s need no escape; nearly always all of them.
func cleanPrefix(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !showable(r, size) {
			return i
		}
		i += size
	}
	return len(s)
}

func showable(r rune, size int) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != unicode.MaxASCII
	}
	invalid := r == utf8.RuneError && size == 1
	return !invalid && unicode.IsPrint(r) && !invisible(r)
}

// invisible reports the letters, marks and symbols that count as printable and yet show nothing.
func invisible(r rune) bool {
	const brailleBlank = '\u2800'
	return r == brailleBlank || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// visible returns the form of one rune, whose bytes are raw, that may be shown.
func visible(r rune, raw string) string {
	switch {
	case showable(r, len(raw)):
		return raw
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	default:
		return fmt.Sprintf(`\u%04x`, r)
	}
}
