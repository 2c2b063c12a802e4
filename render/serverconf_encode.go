package render

import (
	"fmt"
	"strings"
)

// confEncoder writes keys and values in the common part of nats-server configuration and YAML. Its first error is kept.
type confEncoder struct {
	b     strings.Builder
	deep  bool // inside braces
	comma bool // an entry inside these braces is waiting for its separator
	err   error
}

// comment writes a line of comment. What is printed into it may hold line breaks, which come out as escapes.
func (e *confEncoder) comment(format string, args ...any) {
	e.start(strings.TrimRight("# "+Escape(fmt.Sprintf(format, args...)), " "))
	if !e.deep {
		e.b.WriteByte('\n')
	}
}

// plain writes a value that means itself in both languages: a number, a boolean, a word.
func (e *confEncoder) plain(key, value string) {
	e.start(key + ": " + value)
	if e.deep {
		e.comma = true
	} else {
		e.b.WriteByte('\n')
	}
}

// text writes a string in double quotes. Both languages know \" and \\; beyond these their escapes differ, so a character
// that would need one is an error.
func (e *confEncoder) text(key, value string) {
	e.plain(key, e.quoted(strings.ReplaceAll(key, "_", " "), value))
}

func (e *confEncoder) optional(key, value string) {
	if value != "" {
		e.text(key, value)
	}
}

// preload writes the accounts a resolver starts with.
func (e *confEncoder) preload(accounts []NamedToken) {
	e.open("resolver_preload")
	for _, a := range accounts {
		e.comment("%s", a.Name)
		e.text(a.ID, a.JWT)
	}
	e.close()
}

func (e *confEncoder) open(key string) {
	e.b.WriteString(key + ": {")
	e.deep, e.comma = true, false
}

// close indents the brace, because YAML wants all of a value indented more than its key.
func (e *confEncoder) close() {
	e.b.WriteString("\n  }\n")
	e.deep, e.comma = false, false
}

// start begins a line; inside braces it first ends the line before, with a comma where that was an entry.
func (e *confEncoder) start(line string) {
	if e.deep {
		if e.comma {
			e.b.WriteByte(',')
		}
		e.comma = false
		e.b.WriteString("\n  ")
	}
	e.b.WriteString(line)
}

func (e *confEncoder) bytes() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	return []byte(e.b.String()), nil
}
