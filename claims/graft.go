package claims

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// graftText puts kept into the payload of the text of a token, which is what
// gets signed: header and payload.
func graftText(text []byte, kept *unknown) ([]byte, error) {
	if kept == nil {
		return text, nil
	}
	header, part, _ := strings.Cut(string(text), ".")
	payload, err := decodePart(part)
	if err != nil {
		return nil, err
	}
	if payload, err = graft(payload, kept); err != nil {
		return nil, err
	}
	return []byte(header + "." + base64.RawURLEncoding.EncodeToString(payload)), nil
}

// graft returns value, which holds known members only, with kept added. Where
// value has no object or list any more, there is nothing to add to.
func graft(value []byte, kept *unknown) ([]byte, error) {
	if kept == nil || len(value) == 0 {
		return value, nil
	}
	switch value[0] {
	case '{':
		return graftObject(value, kept)
	case '[':
		return graftList(value, kept)
	}
	return value, nil
}

func graftObject(value []byte, kept *unknown) ([]byte, error) {
	members, err := parts(value)
	if err != nil {
		return nil, err
	}
	out := []byte{'{'}
	for _, m := range members {
		inner, err := graft(m.value, kept.inner[m.name])
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, m.head...), inner...), ',')
	}
	for _, m := range kept.members {
		out = append(append(out, m...), ',')
	}
	return closed(out, '}'), nil
}

func graftList(value []byte, kept *unknown) ([]byte, error) {
	after, err := parts(value)
	if err != nil {
		return nil, err
	}
	before, err := parts(kept.list)
	if err != nil {
		return nil, err
	}
	partner := pair(before, after)
	out := []byte{'['}
	for i, e := range after {
		inner := e.value
		if old, ok := partner[i]; ok {
			if inner, err = graft(e.value, kept.element[old]); err != nil {
				return nil, err
			}
		}
		out = append(append(out, inner...), ',')
	}
	return closed(out, ']'), nil
}

// closed puts the closing bracket in the place of the last comma.
func closed(out []byte, end byte) []byte {
	if last := len(out) - 1; out[last] == ',' {
		out = out[:last]
	}
	return append(out, end)
}

// pair finds, for the elements of after, by index, which of before they were:
// first by all that names an element, then by identity alone. An element that
// could be several is none of them: what is meant for one import must not come
// to stand in another.
func pair(before, after []part) map[int]int {
	partner, taken := map[int]int{}, map[int]int{}
	for _, id := range []func(part) string{fullIdentity, func(p part) string { return identity(p.value) }} {
		was := byIdentity(before, taken, id)
		for name, now := range byIdentity(after, partner, id) {
			if old := was[name]; len(old) == 1 && len(now) == 1 {
				partner[now[0]], taken[old[0]] = old[0], now[0]
			}
		}
	}
	return partner
}

// byIdentity returns the indexes of the elements that have no partner yet.
func byIdentity(elements []part, paired map[int]int, id func(part) string) map[string][]int {
	out := map[string][]int{}
	for i, e := range elements {
		if _, ok := paired[i]; !ok {
			name := id(e)
			out[name] = append(out[name], i)
		}
	}
	return out
}

// fullIdentity tells apart what the same identity may occur with several times:
// one subject imported to two places, say.
func fullIdentity(e part) string {
	var more struct {
		Name  string `json:"name"`
		Local string `json:"local_subject"`
		To    string `json:"to"`
	}
	if isObject(e.value) && json.Unmarshal(e.value, &more) != nil {
		return string(e.value)
	}
	return strings.Join([]string{identity(e.value), more.Name, more.Local, more.To}, "\n")
}

// part is a member of an object or an element of a list, as it is written.
type part struct {
	name  string
	head  []byte // the name in its quotes, and the colon; empty in a list
	value []byte
}

// parts takes an object or a list apart.
func parts(value []byte) (out []part, err error) {
	v := surveyor{scanner: scanner{data: value}}
	open := v.peek()
	end := open + 2 // in ASCII the closing brackets stand two behind the opening ones
	if open != '{' && open != '[' {
		return nil, errors.New("is neither an object nor a list")
	}
	for more := v.opens(open, end); more; {
		var p part
		v.peek()
		start := v.at
		if open == '{' {
			name, err := v.name()
			if err != nil {
				return nil, err
			}
			p.name, p.head = string(name), v.data[start:v.at]
		}
		v.peek()
		start = v.at
		if _, err := v.value(nil, 0); err != nil {
			return nil, err
		}
		p.value = v.data[start:v.at]
		out = append(out, p)
		if more, err = v.goesOn(end); err != nil {
			return nil, err
		}
	}
	return out, nil
}
