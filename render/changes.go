package render

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"nkeep/claims"
)

// Changes writes what changed: a line for each value before and after, and for each
// member of a list that came (+) or went (-). Fields have the names by which claims
// are described, and elements of lists the subject, role or tier by which people
// know them; what has no name goes by its path in JSON. What was only said otherwise
// and means the same is left out, unless that is all. by is added to each line, to say
// whose change it is.
func (t *Text) Changes(changes []claims.Change, by string) {
	var lines []told
	for _, c := range changes {
		lines = append(lines, tell(c)...)
	}
	if said := slices.DeleteFunc(slices.Clone(lines), func(l told) bool { return l.same }); len(said) > 0 {
		lines = said
	}
	// The limits of JetStream come after all, as in a description: by their paths they
	// would stand among the others.
	slices.SortStableFunc(lines, func(a, b told) int { return cmp.Compare(a.jetStream(), b.jetStream()) })
	width := 0
	for _, l := range lines {
		if w := displayWidth(Escape(l.name)); w <= mostAligned {
			width = max(width, w)
		}
	}
	for _, l := range lines {
		pad := max(0, max(width, leastAligned)-displayWidth(Escape(l.name)))
		t.Linef("  %s%s  %s%s", l.name, strings.Repeat(" ", pad), l.value, by)
	}
}

// Names of changes stand in a column, which a long one does not make wider.
const (
	leastAligned = 10
	mostAligned  = 40
)

// told is a line about a change.
type told struct {
	name, value string
	same        bool // it means the same as before
}

func (l told) jetStream() int {
	if strings.HasPrefix(l.name, labelJetStream) {
		return 1
	}
	return 0
}

func line(name, value string) []told { return []told{{name: name, value: value}} }

// tell puts a change into words.
func tell(c claims.Change) []told {
	for _, l := range lists() {
		if rest, ok := below(c.Field, "nats."+l.field); ok {
			return l.tell(rest, c)
		}
	}
	if key, ok := strings.CutPrefix(c.Field, "nats.revocations."); ok {
		return tellRevocation("", key, c)
	}
	if rest, ok := strings.CutPrefix(c.Field, "nats.mappings."); ok {
		return tellMapping(rest, c)
	}
	of, words, field := place(c.Field)
	return tellField(of, words, field, c)
}

// place is where a field lies that is in no list: in something that has a name, or in
// the claims themselves; and by which words it goes there.
func place(path string) (of string, _ words, field string) {
	if rest, ok := strings.CutPrefix(path, "nats.default_permissions."); ok {
		return phrase(labelDefaults), permissionWords(), rest
	}
	rest, ok := strings.CutPrefix(path, "nats.limits.")
	if !ok {
		return "", claimWords(), path
	}
	if tiered, ok := strings.CutPrefix(rest, "tiered_limits."); ok {
		if dot := strings.LastIndexByte(tiered, '.'); dot >= 0 {
			return labelJetStream + " " + tiered[:dot], jetStreamWords(), tiered[dot+1:]
		}
	}
	if _, ok := jetStreamWords().find(rest); ok {
		return labelJetStream, jetStreamWords(), rest
	}
	return "", limitWords(), rest
}

// below is what follows an element of a list: nothing, or a field of the element.
func below(path, list string) (string, bool) {
	rest, ok := strings.CutPrefix(path, list+"[")
	if !ok {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, "]")
	return strings.TrimPrefix(rest, "."), ok
}

// tellField tells of a field of something that has a name, or of the claims
// themselves.
func tellField(of string, words words, field string, c claims.Change) []told {
	w, ok := words.find(field)
	if name, _, indexed := strings.Cut(field, "["); !ok && indexed {
		w, ok = words.find(name)
	}
	if !ok {
		return line(c.Field, readText(c.From)+" → "+readText(c.To))
	}
	name := phrase(w.label)
	if of != "" {
		name = of + ": " + name
	}
	if isList(c.From) || isList(c.To) || w.field != field {
		return tellMembers(name, w, c)
	}
	from, to := w.read(c.From), w.read(c.To)
	same := from == to
	if same { // said in two ways, of which one may be to say nothing
		from, to = from+exactly(c.From), to+exactly(c.To)
	}
	return []told{{name, from + " → " + to, same && w.field != "token"}}
}

// exactly tells apart what means the same.
func exactly(v any) string {
	text := readText(v)
	if len(text) > 80 {
		text = text[:8] + "…" + text[len(text)-8:] // a token, of which the end differs
	}
	return " (" + text + ")"
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// tellMembers tells what came into a list of plain values, and what went.
func tellMembers(name string, w word, c claims.Change) []told {
	before, after := members(c.From), members(c.To)
	var lines []told
	for _, v := range without(before, after) {
		lines = append(lines, line(name, "- "+w.read(v))...)
	}
	for _, v := range without(after, before) {
		lines = append(lines, line(name, "+ "+w.read(v))...)
	}
	if lines == nil {
		return line(name, readText(c.From)+" → "+readText(c.To)) // in another order
	}
	return lines
}

// members are those of a list, or the one that a change is about.
func members(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// without are the elements of a list that another does not have, each as often as
// it has more of it.
func without(list, other []any) (rest []any) {
	left := append([]any(nil), other...)
next:
	for _, v := range list {
		for i, o := range left {
			if reflect.DeepEqual(v, o) {
				left = append(left[:i], left[i+1:]...)
				continue next
			}
		}
		rest = append(rest, v)
	}
	return rest
}

// tellRevocation tells until when what somebody was issued is revoked.
func tellRevocation(of, key string, c claims.Change) []told {
	name := phrase(labelRevocations)
	if of != "" {
		of += ": "
	}
	until := ", " + phrase(labelIssuedUntil) + " "
	who := revoked(key)
	switch {
	case c.From == nil:
		return line(of+name, "+ "+who+until+readTime(c.To))
	case c.To == nil:
		return line(of+name, "- "+who+until+readTime(c.From))
	}
	return line(of+one(labelRevocations)+" "+who+": "+phrase(labelIssuedUntil), readTime(c.From)+" → "+readTime(c.To))
}

// tellMapping tells of a place that a subject is mapped to; path is that subject,
// the index, and a field.
func tellMapping(path string, c claims.Change) []told {
	open := strings.LastIndexByte(path, '[')
	if open < 0 {
		return tellField("", nil, path, c)
	}
	rest, _ := below(path[open:], "")
	return mappingsOf(path[:open]).tell(rest, c)
}
