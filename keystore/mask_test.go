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
