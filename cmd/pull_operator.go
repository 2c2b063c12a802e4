package cmd

import (
	"reflect"
	"strconv"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"
)

// operatorDiff is how the operator is known elsewhere, compared with the one here.
type operatorDiff struct {
	Source  string          `json:"source"` // a server's name or a URL
	Outcome string          `json:"outcome"`
	Message string          `json:"message"`
	Changes []claims.Change `json:"changes"` // from what is there to what is here; of one that is updated, what changes here
}

// What an operator is elsewhere.
const (
	operatorSame    = "same"
	operatorOlder   = "older" // than the one here
	operatorNewer   = "newer"
	operatorRefused = "refused" // not to be believed, or not there
)

func compareOperator(op *operator, found []foundOperator) []operatorDiff {
	rows := make([]operatorDiff, 0, len(found))
	for _, f := range found {
		rows = append(rows, compareWith(op, f))
	}
	return rows
}

func compareWith(op *operator, f foundOperator) operatorDiff {
	d := operatorDiff{Source: f.source}
	if f.err != nil {
		d.Outcome, d.Message = operatorRefused, f.err.Error()
		return d
	}
	changes, err := claims.Diff(f.claims, op.claims)
	if err != nil {
		d.Outcome, d.Message = operatorRefused, err.Error()
		return d
	}
	d.Changes = explicit(changes)
	switch {
	case len(changes) == 0:
		d.Outcome = operatorSame
	case f.claims.IssuedAt > op.claims.IssuedAt:
		d.Outcome, d.Message = operatorNewer, "is newer there than here"
	default:
		d.Outcome, d.Message = operatorOlder, "servers take a new one from their configuration, at a restart or reload"
	}
	return d
}

// showOperators tells of an operator that is otherwise elsewhere: once, however many
// servers know it like that.
func showOperators(t *render.Text, list []operatorDiff) {
	told := make([]bool, len(list))
	for i, d := range list {
		if told[i] || d.Outcome == operatorSame {
			continue
		}
		var sources []string
		for k := i; k < len(list); k++ {
			if list[k].says(d) {
				told[k] = true
				sources = append(sources, strconv.Quote(list[k].Source))
			}
		}
		line := jwtstore.KindOperator + " of " + firstOf(sources, 20) + ": " + d.Outcome
		if d.Message != "" {
			line += ": " + d.Message
		}
		t.Linef("%s", line)
		t.Changes(d.Changes, "")
	}
}

// says tells whether two differ in where they are alone.
func (d operatorDiff) says(other operatorDiff) bool {
	other.Source = d.Source
	return reflect.DeepEqual(d, other)
}
