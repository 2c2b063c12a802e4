package cmd

import (
	"testing"
)

// FuzzFlagValues reads any text as the value of each kind of flag that is read here:
// what is taken lies in the range of what it stands for.
func FuzzFlagValues(f *testing.F) {
	for _, s := range []string{"", "-1", "0", "1", "1h30m", "-5s", "65536", "1.5k", "true", "9223372036854775808", "1e9", "0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := parseNumber(s); err == nil && s == "" {
			t.Error("nothing is a number")
		}
		if d, err := parseDuration(s); err == nil && d < 0 {
			t.Errorf("duration %q = %v", s, d)
		}
		if n, err := parsePosition(s); err == nil && n > 1<<16 {
			t.Errorf("position %q = %d", s, n)
		}
		if n, err := parseTier(s); err == nil && (n < 0 || n > 1<<16) {
			t.Errorf("tier %q = %d", s, n)
		}
		if fd, isFD, err := keySource(s); isFD && err == nil && fd < 0 {
			t.Errorf("key source %q = %d", s, fd)
		}
		if fd, ok := parseDescriptor(s); ok && fd < 0 {
			t.Errorf("descriptor %q = %d", s, fd)
		}
	})
}
