package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"nkeep/claims"
)

func listTokens(in io.Reader) (found []string, err error) {
	for t, err := range tokensIn(in) {
		if err != nil {
			return found, err
		}
		text := fmt.Sprintf("%d %s %s %s", t.line, t.key, t.token, t.seed)
		if t.err != nil {
			text = fmt.Sprintf("%d: %v", t.line, t.err)
		}
		found = append(found, text)
	}
	return found, nil
}

func TestTokensIn(t *testing.T) {
	t.Parallel()
	const creds = `-----BEGIN NATS USER JWT-----
a.b.c
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
SUSEED
------END USER NKEY SEED------
`
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"nothing":        {"", nil},
		"blank":          {"\n  \n", nil},
		"bare":           {"a.b.c", []string{"1  a.b.c "}},
		"several":        {"a.b.c\r\n\n  d.e.f\n", []string{"1  a.b.c ", "3  d.e.f "}},
		"pack":           {"K|a.b.c\nL | d.e.f", []string{"1 K a.b.c ", "2 L d.e.f "}},
		"creds":          {creds, []string{"2  a.b.c SUSEED"}},
		"creds and more": {creds + "d.e.f\n" + creds, []string{"2  a.b.c SUSEED", "12  d.e.f ", "14  a.b.c SUSEED"}},
		"junk":           {"hello\na.b.c\nSUSECRET", []string{"1: does not hold a token", "2  a.b.c ", "3: does not hold a token"}},
		"framed junk":    {"---BEGIN---\nhello\n---END---\n", []string{"2: does not hold a token"}},
		"seed alone":     {"---BEGIN SEED---\nSUX\n---END SEED---\na.b.c", []string{"4  a.b.c "}},
		"too long":       {strings.Repeat("x", 3*maxTokenLine) + "\na.b.c", []string{"1: is longer than 1049600 bytes, as no token is", "2  a.b.c "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := listTokens(strings.NewReader(tt.text)); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q %v, want %q", got, err, tt.want)
			}
		})
	}
	bad := errors.New("bad disk")
	in := io.MultiReader(strings.NewReader("a.b.c\nd.e.f\n"), iotest.ErrReader(bad))
	if got, err := listTokens(in); !errors.Is(err, bad) || !slices.Equal(got, []string{"1  a.b.c "}) {
		t.Errorf("got %q %v", got, err)
	}
}

// FuzzTokensIn holds that lines are counted, and no token is one that cannot be.
func FuzzTokensIn(f *testing.F) {
	f.Add("a.b.c\nK|d.e.f\n---BEGIN---\nx.y.z\n---END---\n---BEGIN SEED---\nS\n")
	f.Fuzz(func(t *testing.T, text string) {
		line := 0
		for got, err := range tokensIn(strings.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			if got.line <= line || got.line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d after %d", got.line, line)
			}
			line = got.line
			if got.err == nil {
				_, _ = claims.Read(got.token) // must not panic
			}
		}
	})
}
