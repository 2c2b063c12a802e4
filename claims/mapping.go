package claims

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// mappings looks for what jwt's validation passes over, and for which servers
// refuse the whole account. Weights it does look at.
func (r *report) mappings(m jwt.Mapping) {
	for _, from := range slices.Sorted(maps.Keys(m)) {
		if err := targetsProblem(from, m[from]); err != nil {
			r.add(LevelError, "nats.mappings."+string(from), "%v", err)
		}
	}
}

// targetsProblem judges the targets of a subject as nats-server does. It differs
// in being stricter about indices and numbers that cannot be meant, such as $0.
func targetsProblem(from jwt.Subject, targets []jwt.WeightedMapping) error {
	seen := map[jwt.Subject]string{}
	for _, t := range targets {
		if cluster, again := seen[t.Subject]; again {
			return fmt.Errorf("has the target %q twice, in cluster %q and %q, and servers refuse that", clip(string(t.Subject)), cluster, t.Cluster)
		}
		seen[t.Subject] = t.Cluster
		if err := transformProblem(string(from), string(t.Subject)); err != nil {
			return fmt.Errorf("target %q: %w", clip(string(t.Subject)), err)
		}
	}
	return nil
}

// weightsProblem judges what the targets of a subject weigh together.
func weightsProblem(targets []jwt.WeightedMapping) error {
	weights := map[string]int{}
	for _, t := range targets {
		weights[t.Cluster] += int(t.GetWeight())
	}
	for _, cluster := range slices.Sorted(maps.Keys(weights)) {
		switch n := weights[cluster]; {
		case n > 100 && cluster == "":
			return fmt.Errorf("its targets weigh %d percent together, more than 100", n)
		case n > 100:
			return fmt.Errorf("its targets in cluster %q weigh %d percent together, more than 100", clip(cluster), n)
		}
	}
	return nil
}

// transformProblem tells why messages to the subject from cannot go to the target
// to: its tokens are literal, $N, or {{function(arguments)}}.
func transformProblem(from, to string) error {
	if err := subjectProblem(from); err != nil {
		return errors.New("what is mapped to it is not a subject")
	}
	if err := subjectProblem(to); err != nil {
		return err
	}
	stars, rest := 0, false
	for token := range strings.SplitSeq(from, ".") {
		switch token {
		case "*":
			stars++
		case ">":
			rest = true
		}
	}
	literal := stars == 0 && !rest
	for token := range strings.SplitSeq(to, ".") {
		switch token {
		case "*":
			return errors.New(`contains "*": take the tokens of the subject as $1, $2, …`)
		case ">":
			if !rest {
				return errors.New(`ends in ">", and the subject does not`)
			}
			rest = false
		}
		if err := tokenProblem(token, stars, literal); err != nil {
			return err
		}
	}
	if rest {
		return errors.New(`has to end in ">", as the subject does`)
	}
	return nil
}

// tokenProblem judges one token of a target whose subject has that many stars, and
// is literal if it has no wildcard at all.
func tokenProblem(token string, stars int, literal bool) error {
	if number, ok := strings.CutPrefix(token, "$"); ok {
		if n, err := strconv.Atoi(number); err == nil {
			return indexProblem(n, stars)
		}
		return nil // as in $SYS
	}
	call, opened := strings.CutPrefix(token, "{{")
	call, closed := strings.CutSuffix(call, "}}")
	if !opened || !closed || call == "" {
		return nil
	}
	name, list, ok := strings.Cut(call, "(")
	list, closed = strings.CutSuffix(list, ")")
	if !ok || !closed {
		return fmt.Errorf("%q is not a function with its arguments in parentheses", token)
	}
	for _, f := range mappingFunctions() {
		if f.called(name) {
			if err := f.problem(strings.Split(list, ","), stars, literal); err != nil {
				return fmt.Errorf("%q: %w", token, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%q: is not a function of servers", token)
}

func indexProblem(n, stars int) error {
	switch {
	case stars == 0:
		return fmt.Errorf(`takes the token %d, and the subject has no "*"`, n)
	case n < 1 || n > stars:
		return fmt.Errorf(`takes the token %d, and the subject has %d of "*"`, n, stars)
	}
	return nil
}

// mappingFunction is one that servers know. A letter of its arguments stands for
// one of them: i for the index of a *, n for a number, c for a count from 1, s for
// text. The last may repeat when more is set.
type mappingFunction struct {
	name, args string
	more       bool
}

func mappingFunctions() []mappingFunction {
	return []mappingFunction{
		{"Wildcard", "i", false},
		{"Partition", "ci", true},
		{"SplitFromLeft", "in", false},
		{"SplitFromRight", "in", false},
		{"SliceFromLeft", "in", false},
		{"SliceFromRight", "in", false},
		{"Left", "in", false},
		{"Right", "in", false},
		{"Split", "is", false},
		{"Random", "c", false},
	}
}

// called reports whether name is that of the function: the first letters of its
// words may be small.
func (f mappingFunction) called(name string) bool {
	if len(name) != len(f.name) {
		return false
	}
	for i := range len(name) {
		if c := f.name[i]; name[i] != c && (c > 'Z' || name[i] != c-'A'+'a') {
			return false
		}
	}
	return true
}

func (f mappingFunction) problem(args []string, stars int, literal bool) error {
	if !f.more && len(args) != len(f.args) {
		return fmt.Errorf("takes %d arguments, not %d", len(f.args), len(args))
	}
	for i, arg := range args {
		kind := f.args[min(i, len(f.args)-1)]
		if kind == 'i' && f.more && literal {
			kind = 'n' // servers do not look at what a partition takes of a literal subject
		}
		if err := argumentProblem(kind, arg, stars); err != nil {
			return err
		}
	}
	return nil
}

func argumentProblem(kind byte, arg string, stars int) error {
	if kind == 's' {
		return nil
	}
	n, err := strconv.ParseInt(arg, 10, 32)
	switch {
	case err != nil:
		return fmt.Errorf("argument %q is not a number up to %d", arg, math.MaxInt32)
	case kind == 'c' && n < 1:
		return fmt.Errorf("argument %q is not a number from 1", arg)
	case kind == 'i':
		return indexProblem(int(n), stars)
	}
	return nil
}
