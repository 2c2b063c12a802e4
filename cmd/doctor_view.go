package cmd

import (
	"slices"
	"strings"

	"nkeep/render"
)

// diagnosis is the result of an examination.
type diagnosis struct {
	Checked    checked   `json:"checked"`
	Findings   []finding `json:"findings"`   // that remain, the gravest first
	Fixed      []finding `json:"fixed"`      // that --fix has mended
	Quarantine []string  `json:"quarantine"` // directories that --fix has moved files to
}

// checked counts what could be read.
type checked struct {
	Operators int `json:"operators"`
	Accounts  int `json:"accounts"`
	Users     int `json:"users"`
	Seeds     int `json:"seeds"`
	Creds     int `json:"creds"`
}

// shownAlike is how many findings of one kind are shown to people.
const shownAlike = 20

// Text implements [render.View].
func (v diagnosis) Text(t *render.Text) {
	showFindings(t, done(v.Fixed), func(finding) string { return "fixed" })
	showFindings(t, v.Findings, func(f finding) string { return string(f.Severity) })
	for _, path := range v.Quarantine {
		t.Linef("in quarantine: %s", path)
	}
	c := v.Checked
	t.Linef("%s, %s, %s, %s, %s: %s", plural(c.Operators, "operator"), plural(c.Accounts, "account"), plural(c.Users, "user"),
		plural(c.Seeds, "seed"), plural(c.Creds, "creds file"), tally(v.count()))
}

// done are findings about which nothing is left to do.
func done(findings []finding) []finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Fix, out[i].Hint = "", ""
	}
	return out
}

func showFindings(t *render.Text, findings []finding, label func(finding) string) {
	alike := map[string]int{}
	for _, f := range findings {
		kind := label(f) + " " + f.What
		if alike[kind]++; alike[kind] > shownAlike {
			continue
		}
		t.Linef("%s: %s", kind, f.File)
		t.Linef("  %s", f.Problem)
		if f.Fix != "" {
			t.Linef("  --fix %s", f.Fix)
		}
		if f.Hint != "" {
			t.Linef("  %s", f.Hint)
		}
	}
	for _, f := range findings {
		kind := label(f) + " " + f.What
		if more := alike[kind] - shownAlike; more > 0 {
			t.Linef("%s: %d more, which --json shows", kind, more)
			alike[kind] = 0
		}
	}
}

func (v diagnosis) count() (errs, warnings, notes int) {
	for _, f := range v.Findings {
		switch f.Severity {
		case severityError:
			errs++
		case severityWarning:
			warnings++
		default:
			notes++
		}
	}
	return errs, warnings, notes
}

func tally(errs, warnings, notes int) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{errs, "error"}, {warnings, "warning"}, {notes, "note"}} {
		if p.n > 0 {
			parts = append(parts, plural(p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "nothing is amiss"
	}
	return strings.Join(parts, ", ")
}
