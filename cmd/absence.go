package cmd

import (
	"fmt"
	"strings"

	"nkeep/render"

	"github.com/dustin/go-humanize/english"
)

// absence is which servers should be there and did not answer the roll call.
type absence struct {
	Missing int      `json:"missing_servers"`
	Absent  []string `json:"absent"` // their names, as far as others know them

	expected bool // by who gave the command, and not by other servers
}

// owed is the error of a command whose questions the servers that are missing should
// have answered.
func (a absence) owed(what string, hints ...string) error {
	return a.failure(checksError{fmt.Errorf("%s%s did not answer, and should be there", what, a.who())}, hints...)
}

// failure is an error about servers that are missing, with hints about what to do.
func (a absence) failure(err error, hints ...string) error {
	if !a.expected {
		hints = append(hints, hintExpect)
	}
	if len(hints) == 0 {
		return err
	}
	return withHint(err, "%s", strings.Join(hints, "; "))
}

// who names them as far as that is possible.
func (a absence) who() string {
	unnamed := a.Missing - len(a.Absent)
	switch {
	case len(a.Absent) == 0:
		return plural(a.Missing, "server")
	case unnamed > 0:
		return "server " + firstOf(a.Absent, 20) + fmt.Sprintf(" and %d more", unnamed)
	}
	return english.PluralWord(len(a.Absent), "server ", "servers ") + firstOf(a.Absent, 20)
}

// nameAbsent tells of each, in a line of its own.
func (a absence) nameAbsent(t *render.Text) {
	for _, name := range a.Absent {
		t.Colored(render.Red, "server %s did not answer", name)
	}
	a.countUnnamed(t)
}

// countUnnamed tells of those whose names nobody knows.
func (a absence) countUnnamed(t *render.Text) {
	if n := a.Missing - len(a.Absent); n > 0 {
		t.Colored(render.Red, "%s should be there and did not answer", plural(n, "more server"))
	}
}
