package jwtstore

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// ordered writes the fields of nsc.json in the order in which nsc does, and
// those that it does not know after them.
type ordered map[string]json.RawMessage

// MarshalJSON implements [json.Marshaler].
func (o ordered) MarshalJSON() ([]byte, error) {
	keys := []string{"store_root", "operator", "account", "github_updates", "last_update"}
	for _, k := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	var buf bytes.Buffer
	for _, k := range keys {
		raw, ok := o[k]
		if !ok {
			continue
		}
		name, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		buf.WriteByte(',')
		buf.Write(name)
		buf.WriteByte(':')
		buf.Write(raw)
	}
	out := append(buf.Bytes(), '}')
	out[0] = '{' // the first comma's place
	return out, nil
}
