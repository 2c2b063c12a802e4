package render

import (
	"fmt"
	"strconv"
	"strings"
)

// confMap is a map in a server configuration, in the order in which it is to be written.
type confMap []confEntry

// confEntry is a key and its value: a string, a number, a boolean, a list of them, or a map.
type confEntry struct {
	key   string
	value any
}

// confComment is a comment that stands in place of an entry.
type confComment string

// add adds an entry, unless its value says nothing.
func (m *confMap) add(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case bool:
		if !v {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case confMap:
		if len(v) == 0 {
			return
		}
	}
	*m = append(*m, confEntry{key, value})
}

func confList[S ~string](values []S) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// tree writes a map at the top level, as [confEncoder.text] writes a string.
func (e *confEncoder) tree(key string, m confMap) {
	e.b.WriteString(key + ": ")
	e.value(m, "  ")
	e.b.WriteByte('\n')
}

// value writes a value in the common part of both languages. What is in braces is indented, and so is the brace that ends it.
func (e *confEncoder) value(v any, indent string) {
	switch v := v.(type) {
	case string:
		e.b.WriteString(e.quoted("value", v))
	case int64:
		e.b.WriteString(strconv.FormatInt(v, 10))
	case uint:
		e.b.WriteString(strconv.FormatUint(uint64(v), 10))
	case bool:
		e.b.WriteString(strconv.FormatBool(v))
	case confMap:
		e.entries(len(v), "{}", indent, func(i int) (goesOn string) {
			if comment, ok := v[i].value.(confComment); ok {
				e.b.WriteString(strings.TrimRight("# "+Escape(string(comment)), " "))
				return ""
			}
			e.b.WriteString(e.quotedKey(v[i].key) + ": ")
			e.value(v[i].value, indent+"  ")
			return ","
		})
	case []any:
		e.entries(len(v), "[]", indent, func(i int) string {
			e.value(v[i], indent+"  ")
			return ","
		})
	default:
		e.fail(fmt.Errorf("value %v: has no form in a configuration", v))
	}
}

// entries writes each entry on a line of its own. Write says what follows one when it is not the last.
func (e *confEncoder) entries(count int, braces, indent string, write func(i int) string) {
	e.b.WriteString(braces[:1])
	after := ""
	for i := range count {
		e.b.WriteString(after + "\n" + indent + "  ")
		after = write(i)
	}
	if count > 0 {
		e.b.WriteString("\n" + indent)
	}
	e.b.WriteString(braces[1:])
}

func (e *confEncoder) quoted(what, value string) string {
	if Escape(value) != value {
		e.fail(fmt.Errorf("%s %q: has a character that cannot be printed", what, value))
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// quotedKey quotes a key, in which nats-server knows no escape.
func (e *confEncoder) quotedKey(key string) string {
	switch {
	case Escape(key) != key || strings.Contains(key, `\`) || strings.Contains(key, `"`) && strings.Contains(key, "'"):
		e.fail(fmt.Errorf("name %q: cannot be written in a configuration", key))
	case strings.Contains(key, `"`):
		return "'" + key + "'"
	}
	return `"` + key + `"`
}

func (e *confEncoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}
