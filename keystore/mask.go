package keystore

import (
	"strings"

	"github.com/nats-io/nkeys"
)

// shown is a value as a message may show it. People paste seeds where names and
// paths belong, quoted, cut short or with something around them: from what may
// be the first character of one on, nothing is shown.
func shown(value string) string {
	if nkeys.IsValidPublicKey(value) {
		return value
	}
	for i := range len(value) {
		if mayBeSeed(value[i:]) {
			return value[:i] + "…"
		}
	}
	return value
}

// mayBeSeed reports whether s begins as the text of a seed does: an S, the kind
// of key, and letters and digits of base 32. So many of them give too much away.
func mayBeSeed(s string) bool {
	const tooMany = 20
	if len(s) < tooMany || !strings.EqualFold(s[:1], "S") || !strings.ContainsAny(s[1:2], "OAUNCXoaucnx") {
		return false
	}
	return strings.Trim(s[:tooMany], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567") == ""
}
