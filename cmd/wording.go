package cmd

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// plural is a number of things.
func plural(n int, what string) string { return english.Plural(n, what, "") }

// stay says that a number of things go on being what they are.
func stay(n int, what string) string {
	return plural(n, what) + " " + english.PluralWord(n, "stays", "stay")
}

// outOf counts some of all accounts that there are.
func outOf(some, all int) string {
	return humanize.Comma(int64(some)) + " of " + plural(all, "account")
}

// firstOf lists up to most of the names, and says how many it leaves out.
func firstOf(names []string, most int) string {
	text := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// orNone stands in for nothing.
func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// inItsWords quotes what somebody else said at the end of a sentence, if anything.
func inItsWords(message string) string {
	if message == "" {
		return ""
	}
	return fmt.Sprintf(": %q", message)
}
