package render

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"ORDERS-1 (eu) ~":          "ORDERS-1 (eu) ~",
		`back\slash`:               `back\slash`,
		"Грузия 注文 žluťoučký 🚀":    "Грузия 注文 žluťoučký 🚀",
		"line\nbreak\r\ttab":       `line\nbreak\r\ttab`,
		"\x1b[31mred\x7f\x00":      `\x1b[31mred\x7f\x00`,
		"\u0085\u009b31m":          `\u0085\u009b31m`,
		"abc\u202edcba":            `abc\u202edcba`,
		"A\u200bB\u200d\ufeff":     `A\u200bB\u200d\ufeff`,
		"a\u00a0b\u3000\u2028":     `a\u00a0b\u3000\u2028`,
		"\u3164\u115f\u2800\ufe0f": `\u3164\u115f\u2800\ufe0f`,
		"\U000e0041\U0001f600":     `\U000e0041` + "\U0001f600",
		"bad\xff\xc3(":             `bad\xff\xc3(`,
		"\ufffd":                   "\ufffd",
		"\u0301accent":             "\u0301accent",
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"ORDERS", "a\x1b]0;x\a", "\u202e", "\xff\xfe", "é\u0301", "\U000e0001", "\u2800"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Escape(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Escape(%q) = %q, not UTF-8", s, got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) ||
				unicode.In(r, unicode.C, unicode.Z) && r != ' ' {
				t.Fatalf("Escape(%q) = %q, has %U", s, got, r)
			}
		}
		if again := Escape(got); again != got {
			t.Fatalf("Escape(%q) = %q", got, again)
		}
		if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 && got != s {
			t.Fatalf("Escape(%q) = %q, but it was clean", s, got)
		}
	})
}

func BenchmarkEscape(b *testing.B) {
	for b.Loop() {
		Escape("ADWJVSUSEVC2GHL5GRATN2LOEOQOY2E6Z2VXNU3JEIK6BDGPWNIW3AXF")
	}
}
