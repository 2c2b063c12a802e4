package render

import (
	"bytes"
	"encoding/json"
	"io"
)

// writeJSON writes v indented by one space, as nsc does, with a line break at the end; its program is as that of [Options].
func writeJSON(w io.Writer, v any, program string) error {
	b, err := encodeJSON(v, "", program)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// encodeJSON encodes v indented by one space; prefix starts every line but the first.
func encodeJSON(v any, prefix, program string) ([]byte, error) {
	b, err := json.MarshalIndent(filled(v, program), prefix, " ")
	if err != nil {
		return nil, err
	}
	return literalHTML(b), nil
}

// literalHTML undoes the escapes of <, > and & in encoded JSON. SetEscapeHTML(false) would not do: jwt/v2 encodes signing
// keys with a json.Marshal of its own, whose escapes come through.
func literalHTML(encoded []byte) []byte {
	out := encoded[:0] // every replacement is shorter than what it replaces
	for i := 0; i < len(encoded); {
		if encoded[i] != '\\' {
			out = append(out, encoded[i])
			i++
			continue
		}
		if c := htmlChar(encoded[i:]); c != 0 {
			out = append(out, c)
			i += len(`\u003e`)
			continue
		}
		out = append(out, encoded[i:i+2]...) // a backslash and what it escapes, so that \\u003e stays
		i += 2
	}
	return out
}

func htmlChar(b []byte) byte {
	for _, c := range []struct {
		escape string
		char   byte
	}{{`\u003c`, '<'}, {`\u003e`, '>'}, {`\u0026`, '&'}} {
		if bytes.HasPrefix(b, []byte(c.escape)) {
			return c.char
		}
	}
	return 0
}
