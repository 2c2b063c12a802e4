package render

import (
	"strings"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// list is a list of claims whose elements have fields: what it is called, how an
// element is known, and what its fields are called.
type list struct {
	field string // below nats
	label string
	words words
	knows func(e map[string]any) string // what an element is called, beside which its fields are named
	shows func(e any) string            // a whole element
	// details tell of the fields of an element that came, on lines of their own.
	details bool
}

func lists() []list {
	return []list{
		{
			field: "exports", label: labelExports, words: exportWords(),
			knows: func(e map[string]any) string { return one(labelExports) + " " + readText(e["subject"]) },
			shows: func(e any) string { return summary(exportWords(), e) },
		},
		{
			field: "imports", label: labelImports, words: importWords(),
			knows: func(e map[string]any) string { return one(labelImports) + " " + readText(e["subject"]) },
			shows: func(e any) string { return summary(importWords(), e) },
		},
		{field: "signing_keys", label: labelSigningKeys, words: scopeWords(), knows: knowScope, shows: showKey, details: true},
	}
}

// mappingsOf are those of one subject.
func mappingsOf(subject string) list {
	return list{
		label: labelMappings, words: mappingWords(),
		knows: func(e map[string]any) string {
			name := one(labelMappings) + " " + subject + " to " + readText(e["subject"])
			if cluster := readText(e["cluster"]); cluster != none {
				name += " in " + cluster
			}
			return name
		},
		shows: func(e any) string { return subject + " to " + summary(mappingWords(), e) },
	}
}

// tell tells of an element, or of a field of one.
func (l list) tell(field string, c claims.Change) []told {
	if field == "" {
		return l.tellWhole(c)
	}
	e, ok := c.Within.(map[string]any)
	if !ok {
		return tellField("", nil, c.Field, c)
	}
	name := l.knows(e)
	if key, ok := strings.CutPrefix(field, "revocations."); ok {
		return tellRevocation(name, key, c)
	}
	if field == "role" {
		name = one(labelSigningKeys) + " " + readText(e["key"])
	}
	return tellField(name, l.words, field, c)
}

// tellWhole tells of an element that came or went, or became of another kind, as a
// signing key does that gets a role.
func (l list) tellWhole(c claims.Change) []told {
	name := phrase(l.label)
	if c.To == nil {
		return line(name, "- "+l.shows(c.From))
	}
	lines := line(name, "+ "+l.shows(c.To))
	if c.From != nil {
		lines[0].value = l.shows(c.From) + " → " + l.shows(c.To)
	}
	e, ok := c.To.(map[string]any)
	if !l.details || !ok {
		return lines
	}
	of := l.knows(e)
	for _, w := range l.words {
		v, _ := at(e, w.field)
		said := w.read(v)
		switch members, ok := v.([]any); {
		case w.field == "key", w.field == "role", w.field == "kind":
		case ok:
			for _, m := range members {
				lines = append(lines, line(of+": "+phrase(w.label), "+ "+w.read(m))...)
			}
		case said != w.usual:
			lines = append(lines, line(of+": "+phrase(w.label), said)...)
		}
	}
	return lines
}

// summary is an element in one line: what it is called, and in brackets what is not
// as usual about it.
func summary(words words, element any) string {
	e, ok := element.(map[string]any)
	if !ok {
		return readText(element)
	}
	subject := readText(e["subject"])
	var details []string
	for _, w := range words {
		v, _ := at(e, w.field)
		said := w.read(v)
		switch {
		case w.field == "subject", said == w.usual, w.field == "name" && said == subject:
		case w.field == "type":
			details = append(details, said)
		case w.field == "token_req" && said == "no":
			details = append(details, "private")
		case said == "yes":
			details = append(details, phrase(w.label))
		default:
			details = append(details, phrase(w.label)+" "+said)
		}
	}
	if len(details) == 0 {
		return subject
	}
	return subject + " (" + strings.Join(details, ", ") + ")"
}

// at is the value at a path below an element.
func at(e map[string]any, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	v, ok := e[name]
	if !deeper || !ok {
		return v, ok
	}
	below, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	return at(below, rest)
}

// knowScope names the fields of a role by it, and those of a key without one by the key.
func knowScope(e map[string]any) string {
	if role := readText(e["role"]); role != none {
		return phrase(labelRole) + " " + role
	}
	return one(labelSigningKeys) + " " + readText(e["key"])
}

func showKey(v any) string {
	if e, ok := v.(map[string]any); ok {
		role, _ := e["role"].(string)
		return keyOfRole(readText(e["key"]), role)
	}
	return readText(v)
}

// keyOfRole is a signing key with its role.
func keyOfRole(key, role string) string { return key + " / " + phrase(labelRole) + " " + role }

// revoked says of whom what was issued is revoked.
func revoked(key string) string {
	if key == jwt.All {
		return "* (all)"
	}
	return key
}
