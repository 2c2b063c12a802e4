package render

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// encodeYAML writes a value as people write YAML, below a comment if there is one.
func encodeYAML(comment string, v any) ([]byte, error) {
	var b bytes.Buffer
	if comment != "" {
		b.WriteString("# " + Escape(comment) + "\n")
	}
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err := e.Encode(v)
	return b.Bytes(), err
}
