package claims

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// list compares two lists; nil stands for an absent one.
func (d *differ) list(path string, from, to json.RawMessage) error {
	before, err := elements(from)
	if err != nil {
		return err
	}
	after, err := elements(to)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(before, isObject) && !slices.ContainsFunc(after, isObject) {
		return d.add(path, from, to)
	}
	return d.matched(path, before, after)
}

// matched compares the elements that have the same identity and reports the
// others as removed or added. Of several with one identity the first pairs with
// the first, and so on.
func (d *differ) matched(path string, before, after []json.RawMessage) error {
	left := make(map[string][]int, len(before))
	for i, e := range before {
		id := identity(e)
		left[id] = append(left[id], i)
	}
	for i, e := range after {
		var old json.RawMessage
		id := identity(e)
		if same := left[id]; len(same) > 0 {
			old, left[id] = before[same[0]], same[1:]
		}
		if err := d.element(path, i, old, e); err != nil {
			return err
		}
	}
	for i, e := range before {
		if !slices.Contains(left[identity(e)], i) {
			continue
		}
		if err := d.element(path, i, e, nil); err != nil {
			return err
		}
	}
	return nil
}

// element compares one element, reporting it whole if it is new or gone.
func (d *differ) element(path string, i int, from, to json.RawMessage) error {
	path = fmt.Sprintf("%s[%d]", path, i)
	if from == nil || to == nil {
		return d.add(path, from, to)
	}
	known := len(d.changes)
	if err := d.value(path, from, to); err != nil || !isObject(from) || !isObject(to) {
		return err
	}
	return placeWithin(d.changes[known:], to)
}

// placeWithin notes the element in which changes lie; of lists inside of each other it
// is that of the outer one.
func placeWithin(changes []Change, element json.RawMessage) error {
	if len(changes) == 0 {
		return nil
	}
	e, err := plain(element)
	for i := range changes {
		changes[i].Within = e
	}
	return err
}

// identity returns what makes an element of a list of claims the same one after
// a change: for exports and imports type, subject and account, for a scoped
// signing key its key (so that it pairs with the plain key it was), for a
// mapping subject and cluster, for a time range all of it.
func identity(e json.RawMessage) string {
	if !isObject(e) {
		return string(e)
	}
	var id struct {
		Key     json.RawMessage `json:"key"`
		Type    string          `json:"type"`
		Subject string          `json:"subject"`
		Account string          `json:"account"`
		Cluster string          `json:"cluster"`
		Start   string          `json:"start"`
		End     string          `json:"end"`
	}
	// The element comes from json.Marshal; should it not fit, it is its own identity.
	if err := json.Unmarshal(e, &id); err != nil {
		return string(e)
	}
	if id.Key != nil {
		return string(id.Key)
	}
	return strings.Join([]string{id.Type, id.Subject, id.Account, id.Cluster, id.Start, id.End}, "\n")
}

func isObject(e json.RawMessage) bool {
	return len(e) > 0 && e[0] == '{'
}

func elements(data json.RawMessage) ([]json.RawMessage, error) {
	if data == nil {
		return nil, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read claims as JSON: %w", err)
	}
	return list, nil
}
