package cmd

import (
	"slices"
	"testing"
)

// TestVerbs makes sure that the commands go by the names that they are looked up by.
func TestVerbs(t *testing.T) {
	t.Parallel()
	for _, v := range verbs() {
		c := v.build(&app{})
		var aliases []string
		if v.alias != "" {
			aliases = []string{v.alias}
		}
		if c.Name() != v.name || !slices.Equal(c.Aliases, aliases) {
			t.Errorf("%s: is the command %q, also known as %q", v.name, c.Name(), c.Aliases)
		}
		if got := wanted([]string{v.name, "x"}); len(got) != 1 || got[0].name != v.name {
			t.Errorf("%s: would build %d commands", v.name, len(got))
		}
	}
	for _, line := range [][]string{nil, {"-H", "list", "add"}, {"--help"}, {"help", "add"}, {"nonsense"}, {""}, {"__complete", "add"}} {
		if got := wanted(line); len(got) != len(verbs()) {
			t.Errorf("%q: would build %d commands", line, len(got))
		}
	}
	if got := wanted([]string{"create"}); len(got) != 1 {
		t.Errorf("create: would build %d commands", len(got))
	}
}

func BenchmarkTree(b *testing.B) {
	for name, line := range map[string][]string{"one": {"add", "user"}, "all": nil} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				newRoot(&app{typed: line})
			}
		})
	}
}
