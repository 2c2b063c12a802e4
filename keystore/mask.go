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

// IsSeed reports whether a value is a seed, as [Ring.Resolve] would take it.
func IsSeed(value string) bool {
	value = strings.TrimSpace(value)
	if !looksLikeSeed(value) {
		return false
	}
	kp, err := nkeys.FromSeed([]byte(value))
	if err != nil {
		return false
	}
	kp.Wipe()
	return true
}

// HoldsSeed reports whether a text holds what may be a seed, in capitals or not
// and whatever stands around it: such a text is no name, no path and no subject.
func HoldsSeed(text string) bool {
	return mapRuns(text, hidden) != text
}

// Redact hides every seed in a message, so that one which was typed in the wrong
// place does not come back. It goes further than [HoldsSeed], for a message may
// show a part of what was typed: a long run that could be the rest of a seed is
// hidden, too.
func Redact(text string) string {
	return mapRuns(text, func(run string) string {
		if run = hidden(run); isRest(run) {
			return "…"
		}
		return run
	})
}

// mapRuns replaces each run of the characters that seeds consist of.
func mapRuns(text string, replaced func(run string) string) string {
	var out strings.Builder
	for rest := text; rest != ""; {
		run := strings.IndexFunc(rest, func(r rune) bool { return !inSeed(r) })
		if run < 0 {
			run = len(rest)
		}
		out.WriteString(replaced(rest[:run]))
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

// hidden is a run of characters of seeds, of which no more is shown than what
// stands before a seed. Public keys are as long, and may be. A seed that follows
// a dash can lose its S, which is taken for a flag.
func hidden(run string) string {
	const seedLength = 58
	switch {
	case len(run) < seedLength-2 || nkeys.IsValidPublicKey(run):
		return run
	case len(run) == seedLength-1 && IsSeed("S"+strings.ToUpper(run)):
		return "…"
	}
	return shown(run)
}

// isRest reports whether a run may be a seed that lacks its beginning: long, in
// one case, and no word that repeats itself.
func isRest(run string) bool {
	const long, varied = 50, 10
	if len(run) < long || nkeys.IsValidPublicKey(run) {
		return false
	}
	if run != strings.ToUpper(run) && run != strings.ToLower(run) {
		return false
	}
	seen := map[rune]bool{}
	for _, r := range run {
		seen[r] = true
	}
	return len(seen) >= varied
}
