package cmd

import (
	"strings"

	"nkeep/keystore"

	"github.com/spf13/cobra"
)

// commandLine is what somebody would type to get the same without questions, in
// the words of a shell: what was typed, and the answers. Seeds are to be typed
// once more.
func (a *app) commandLine(c *cobra.Command, answers []string) string {
	words := []string{c.Root().Name()}
	for _, word := range append(withoutInteractive(a.typed), answers...) {
		if keystore.IsSeed(word) {
			word = "-"
		}
		words = append(words, quoted(word))
	}
	return strings.Join(words, " ")
}

func withoutInteractive(typed []string) []string {
	var words []string
	for _, word := range typed {
		switch {
		case word == "--interactive", word == "--interactive=true", word == "-i":
			continue
		case strings.HasPrefix(word, "-i"): // beside other shorthands
			word = "-" + word[2:]
		}
		words = append(words, word)
	}
	return words
}

// flagWords are a flag as it is typed. --name is typed as the argument it may be as well.
func flagWords(c *cobra.Command, name, value string) []string {
	f := c.Flags().Lookup(name)
	switch {
	case name == "name" && takesName(c) && !strings.HasPrefix(value, "-"):
		if f.Value.Type() == "stringSlice" {
			return strings.Split(value, ",")
		}
		return []string{value}
	case f.NoOptDefVal != "" && value == f.NoOptDefVal:
		return []string{"--" + name}
	case f.NoOptDefVal != "":
		return []string{"--" + name + "=" + value}
	}
	return []string{"--" + name, value}
}

// quoted is a word that a shell takes for one, and for nothing else.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
