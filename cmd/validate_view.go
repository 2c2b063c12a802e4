package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"nkeep/claims"
	"nkeep/render"
)

// validated counts what was looked at.
type validated struct {
	Operators   int `json:"operators"`
	Accounts    int `json:"accounts"`
	Users       int `json:"users"`
	Others      int `json:"other_tokens"` // in a file: activations, and what is no token
	Keys        int `json:"keys"`         // with a seed in the keystore
	KeysMissing int `json:"keys_missing"` // without
	Creds       int `json:"creds"`
}

// validateView is what was checked and what was found. Several goroutines may
// add to it.
type validateView struct {
	Checked  validated `json:"checked"`
	Findings []flaw    `json:"findings"`

	mu sync.Mutex
}

func (v *validateView) count(fn func(*validated)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fn(&v.Checked)
}

func (v *validateView) add(f flaw) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Findings = append(v.Findings, f)
}

// issues adds what was found amiss in claims.
func (v *validateView) issues(of flaw, issues []claims.Issue) {
	for _, i := range issues {
		f := of.says(severityError, i.Text)
		f.Field = i.Field
		f.TimeIssue = i.Level == claims.LevelExpired || i.Level == claims.LevelNotYetValid
		if i.Level == claims.LevelWarning {
			f.Severity = severityWarning
		}
		v.add(f)
	}
}

// sort orders findings by line; then the operator's come before those of
// accounts, and an account's before those of its users.
func (v *validateView) sort() {
	slices.SortFunc(v.Findings, func(a, b flaw) int {
		return cmp.Or(
			cmp.Compare(a.Line, b.Line), strings.Compare(a.owner(), b.owner()), strings.Compare(a.Account, b.Account),
			strings.Compare(a.Name, b.Name), cmp.Compare(a.rank(), b.rank()), strings.Compare(a.File, b.File),
			strings.Compare(a.Field, b.Field), strings.Compare(a.Problem, b.Problem),
		)
	})
}

func (v *validateView) number(grade severity) int {
	n := 0
	for _, f := range v.Findings {
		if f.Severity == grade {
			n++
		}
	}
	return n
}

func (v *validateView) err() error {
	n := v.number(severityError)
	if n == 0 {
		return nil
	}
	return withHint(checksError{fmt.Errorf("validate: %s", plural(n, "error"))}, "see what a token says with: nkeep describe jwt -f FILE; find out what can be mended with: nkeep doctor")
}

// manyFlaws is the number of findings that people are shown at most.
const manyFlaws = 200

// Text implements [render.View].
func (v *validateView) Text(t *render.Text) {
	shown := slices.DeleteFunc(slices.Clone(v.Findings), func(f flaw) bool { return f.Severity == severityNote })
	more := len(shown) - manyFlaws
	for rest := shown[:min(len(shown), manyFlaws)]; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(f flaw) bool { return f.title() != rest[0].title() })
		if n < 0 {
			n = len(rest)
		}
		t.Table(flawsTable(rest[:n]))
		rest = rest[n:]
	}
	if more > 0 {
		t.Linef("and %d more, which --json shows", more)
	}
	t.Linef("checked %s: %s", v.Checked, tally(v.number(severityError), v.number(severityWarning), 0))
}

func flawsTable(findings []flaw) render.Table {
	where := "File"
	if findings[0].Line > 0 {
		where = "Line"
	}
	table := render.Table{Title: findings[0].title(), Columns: render.Columns("", "Entity", "Problem", where)}
	for _, f := range findings {
		place := f.File
		if f.Line > 0 {
			place = strconv.Itoa(f.Line)
		}
		problem := f.Problem
		if f.Field != "" {
			problem = f.Field + ": " + problem
		}
		table.Add(string(f.Severity), strings.TrimSpace(f.Kind+" "+f.Name), problem, place)
	}
	return table
}

// String lists what was checked, as far as there was any.
func (c validated) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{c.Operators, "operator"}, {c.Accounts, "account"}, {c.Users, "user"}, {c.Others, "other token"}} {
		if p.n > 0 {
			parts = append(parts, plural(p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
