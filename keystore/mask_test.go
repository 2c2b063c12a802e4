//go:build unix

package keystore_test

import (
	"strings"
	"testing"

	"nkeep/keystore"

	"github.com/nats-io/nkeys"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, kind := range []nkeys.PrefixByte{nkeys.PrefixByteOperator, nkeys.PrefixByteAccount, nkeys.PrefixByteUser, nkeys.PrefixByteCurve} {
		_, public, seed := pair(t, kind)
		s := string(seed)
		for _, text := range []string{s, `account "` + s + `": not found`, "x=" + s + "/y", strings.ToLower(s), "a" + s} {
			got := keystore.Redact(text)
			if strings.Contains(strings.ToUpper(got), s[20:40]) {
				t.Errorf("shown in %q", got)
			}
		}
		for _, text := range []string{public, `key "` + public + `": is not in the keystore`, "Straße " + public + " SUN", ""} {
			if got := keystore.Redact(text); got != text {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}

// TestHoldsSeed makes sure that names and paths of all kinds pass, and seeds do not.
func TestHoldsSeed(t *testing.T) {
	t.Parallel()
	for _, kind := range []nkeys.PrefixByte{
		nkeys.PrefixByteOperator, nkeys.PrefixByteAccount, nkeys.PrefixByteUser,
		nkeys.PrefixByteCurve, nkeys.PrefixByteCluster, nkeys.PrefixByteServer,
	} {
		_, public, seed := pair(t, kind)
		s := string(seed)
		for _, text := range []string{s, strings.ToLower(s), "x." + s + ".>", "my" + s, s + "1", s[1:], strings.ToLower(s[1:]), "/tmp/" + s + ".nk"} {
			if !keystore.HoldsSeed(text) {
				t.Errorf("%q is taken for harmless", text)
			}
			if got := keystore.Redact(text); strings.Contains(strings.ToUpper(got), s[20:40]) {
				t.Errorf("shown in %q", got)
			}
		}
		if !keystore.IsSeed(" "+s+"\n") || keystore.IsSeed(public) || keystore.IsSeed(s[:57]+"A1") || keystore.IsSeed("x"+s) {
			t.Errorf("%s: is not told from a seed", public)
		}
		for _, text := range []string{public, "keys/" + public + ".nk", "a." + public + ".b"} {
			if keystore.HoldsSeed(text) || keystore.Redact(text) != text {
				t.Errorf("%q is taken for a seed", text)
			}
		}
	}
	for _, text := range []string{
		"", "ORDERS", "SALES", "SUPPORT", "sales department of europe and of the north", strings.Repeat("a", 200), strings.Repeat("SA", 9),
		"SALESDEPARTMENTOFEUROPEANDOFTHENORTH", "/home/someone/.local/share/nats/nsc/stores", "orders.*.>", "https://example.com/jwt/v1/accounts",
	} {
		if keystore.HoldsSeed(text) || keystore.Redact(text) != text {
			t.Errorf("%q is taken for a seed", text)
		}
	}
}

// TestRedactRests hides what is left of a seed whose beginning went elsewhere.
func TestRedactRests(t *testing.T) {
	t.Parallel()
	for range 20 { // seeds differ
		_, _, seed := pair(t, nkeys.PrefixByteUser)
		for _, rest := range []string{string(seed[1:]), string(seed[2:]), strings.ToLower(string(seed[5:]))} {
			if got := keystore.Redact("unknown shorthand flag: 'U' in -" + rest); strings.Contains(got, rest[20:40]) {
				t.Errorf("shown in %q", got)
			}
		}
	}
}
