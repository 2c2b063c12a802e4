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

// Redact hides every seed in a text, so that one which was typed in the wrong
// place does not come back in a message.
func Redact(text string) string {
	var out strings.Builder
	for rest := text; rest != ""; {
		run := strings.IndexFunc(rest, func(r rune) bool { return !inSeed(r) })
		if run < 0 {
			run = len(rest)
		}
		out.WriteString(redacted(rest[:run]))
		rest = rest[run:]
		next := strings.IndexFunc(rest, inSeed)
		if next < 0 {
			next = len(rest)
		}
		out.WriteString(rest[:next])
		rest = rest[next:]
	}
	return out.String()
}

func inSeed(r rune) bool {
	return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '2' <= r && r <= '7'
}

// redacted is a run of characters of seeds, which is not shown when it may be
// one with something before it. Public keys are as long, and may.
func redacted(run string) string {
	const seedLength = 58
	if len(run) < seedLength-2 || nkeys.IsValidPublicKey(run) {
		return run
	}
	return shown(run)
}
