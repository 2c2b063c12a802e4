package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// Field returns the value at path in the JSON form of c; see FieldOf.
func Field(c jwt.Claims, path string) (json.RawMessage, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write claims as JSON: %w", err)
	}
	return FieldOf(payload, path)
}

// FieldOf returns the value at path in a JSON object, as compact JSON with <, >
// and & escaped. A path names members, parted by dots, each with one index if it
// is a list: nats.exports[0].name. A member may itself contain dots, as the
// subjects in nats.mappings do.
//
// A last member that is missing yields null. Going on below a missing or plain
// value, or an index that the list does not have, is an error.
func FieldOf(payload []byte, path string) (json.RawMessage, error) {
	v, err := descend(payload, strings.Split(path, "."))
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", clip(path), err)
	}
	return compact(v)
}

// descend follows the steps into v. It joins as many steps into one member name
// as it takes to meet one that exists, the fewest first.
func descend(v json.RawMessage, steps []string) (json.RawMessage, error) {
	if len(steps) == 0 {
		return v, nil
	}
	if v = bytes.TrimSpace(v); !isObject(v) {
		return nil, fmt.Errorf("no value has a member %q", steps[0])
	}
	object, err := members(v)
	if err != nil {
		return nil, err
	}
	for n := 1; n <= len(steps); n++ {
		next, found, err := member(object, strings.Join(steps[:n], "."))
		if err != nil {
			return nil, err
		}
		if found {
			return descend(next, steps[n:])
		}
	}
	_, _, indexed := splitIndex(steps[0])
	switch {
	case !indexed && strings.ContainsAny(steps[0], "[]"):
		return nil, fmt.Errorf("%q: is no name with one index, as in exports[0]", steps[0])
	case len(steps) > 1, indexed:
		return nil, fmt.Errorf("%q: %w", steps[0], ErrAbsent)
	}
	return json.RawMessage("null"), nil
}

// member returns the value that a step such as "exports[0]" leads to.
func member(object map[string]json.RawMessage, step string) (json.RawMessage, bool, error) {
	if v, ok := object[step]; ok {
		return v, true, nil
	}
	name, index, indexed := splitIndex(step)
	v, ok := object[name]
	if !indexed || !ok {
		return nil, false, nil
	}
	i, err := strconv.ParseUint(index, 10, 31)
	if err != nil {
		return nil, false, fmt.Errorf("index %q: is not a number from 0", index)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(v, &list); err != nil {
		return nil, false, fmt.Errorf("%q: is not a list", name)
	}
	if i >= uint64(len(list)) {
		return nil, false, fmt.Errorf("index %d: %q has %d elements", i, name, len(list))
	}
	return list[i], true, nil
}

func splitIndex(step string) (name, index string, ok bool) {
	name, rest, found := strings.Cut(step, "[")
	index, closed := strings.CutSuffix(rest, "]")
	return name, index, found && closed
}

func compact(v json.RawMessage) (json.RawMessage, error) {
	var tight, escaped bytes.Buffer
	if err := json.Compact(&tight, v); err != nil {
		return nil, errors.New("claims are not valid JSON")
	}
	json.HTMLEscape(&escaped, tight.Bytes())
	return escaped.Bytes(), nil
}
