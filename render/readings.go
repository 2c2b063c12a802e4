package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Unset is the zero that the JSON form of claims leaves out: a limit of 0, a switch
// that is off. Its own JSON form is that zero. What it says depends on the field.
type Unset struct{ Zero any }

// MarshalJSON implements [json.Marshaler].
func (u Unset) MarshalJSON() ([]byte, error) { return json.Marshal(u.Zero) }

// What is not there, and what has no bound.
const (
	none      = "none"
	unlimited = "unlimited"
)

// Words of the common kinds.

func asText(field, label string) word  { return word{field, label, readText, none} }
func asLimit(field, label string) word { return word{field, label, readCount, unlimited} }
func asSize(field, label string) word  { return word{field, label, readSize, unlimited} }
func asYes(field, label string) word   { return word{field, label, readYes, "no"} }

// read is a value in words.
func (w word) read(v any) string {
	if _, ok := v.(Unset); ok {
		v = nil
	}
	return w.reads(v)
}

// Reading says in words what a field of claims, of an export or of a scope holds, as
// [Text.Changes] does: a line for each member of a list, and nothing of what is not
// there or has no words.
func Reading(of any, field string) ([]string, error) {
	_, known, name := place(field)
	switch of.(type) {
	case *jwt.Export:
		known, name = exportWords(), field
	case *jwt.UserScope:
		known, name = scopeWords(), field
	}
	w, ok := known.find(name)
	if !ok {
		return nil, nil
	}
	payload, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(payload)))
	decoder.UseNumber() // a float64 would round large limits
	var all map[string]any
	if err := decoder.Decode(&all); err != nil {
		return nil, err
	}
	v, _ := at(all, field)
	if v == nil && w.usual == none {
		return nil, nil
	}
	if v == nil {
		v = Unset{}
	}
	var said []string
	for _, m := range members(v) {
		said = append(said, w.read(m))
	}
	return said, nil
}

// readText shows text as it is, and all else as JSON.
func readText(v any) string {
	switch v := v.(type) {
	case nil:
		return none
	case string:
		if v == "" {
			return none
		}
		return v
	}
	var b strings.Builder
	plain := json.NewEncoder(&b)
	plain.SetEscapeHTML(false) // a subject may end in >
	if err := plain.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ofNumber reads numbers by means of words; nothing counts as 0.
func ofNumber(v any, words func(int64) string) string {
	switch n := v.(type) {
	case nil:
		return phrase(words(0))
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return phrase(words(i))
		}
	}
	return readText(v)
}

// ofPresent is ofNumber, where nothing is none.
func ofPresent(v any, words func(int64) string) string {
	if v == nil {
		return none
	}
	return ofNumber(v, words)
}

func readCount(v any) string   { return ofNumber(v, count) }
func readSize(v any) string    { return ofNumber(v, size) }
func readStorage(v any) string { return ofNumber(v, storage) }

func readPositive(v any) string {
	return ofNumber(v, func(n int64) string { return count(positive(n)) })
}

func readPositiveSize(v any) string {
	return ofNumber(v, func(n int64) string { return size(positive(n)) })
}

func readResponses(v any) string {
	return ofPresent(v, func(n int64) string { return responses(int(n)) })
}

func readResponseTime(v any) string {
	return ofPresent(v, func(n int64) string { return responseTime(time.Duration(n)) })
}

func readPercentage(v any) string { return ofPresent(v, percent) }

func percent(n int64) string { return strconv.FormatInt(n, 10) + "%" }

// readWeight reads 0 as all messages, as servers do.
func readWeight(v any) string {
	return ofNumber(v, func(n int64) string {
		if n == 0 {
			n = 100
		}
		return percent(n)
	})
}

func readPosition(v any) string {
	return ofNumber(v, func(n int64) string {
		if n == 0 {
			return none
		}
		return strconv.FormatInt(n, 10)
	})
}

func readSpan(v any) string {
	return ofNumber(v, func(n int64) string {
		if n == 0 {
			return none
		}
		return time.Duration(n).String()
	})
}

// readSampling reads how often latency is measured: a number, or by a header.
func readSampling(v any) string {
	if v == "headers" {
		return sampling(jwt.Headers)
	}
	return ofPresent(v, percent)
}

func readResponse(v any) string {
	if v == nil {
		return jwt.ResponseTypeSingleton
	}
	return readText(v)
}

func readYes(v any) string {
	switch v := v.(type) {
	case nil:
		return phrase(yesNo(false))
	case bool:
		return phrase(yesNo(v))
	}
	return readText(v)
}

// readNot reads what is turned around in claims.
func readNot(v any) string {
	switch v := v.(type) {
	case nil:
		return phrase(yesNo(true))
	case bool:
		return phrase(yesNo(!v))
	}
	return readText(v)
}

func readTime(v any) string {
	return ofPresent(v, func(n int64) string { return Time(n).String() })
}

func readExpiry(v any) string {
	if v == nil {
		return "never"
	}
	return readTime(v)
}

func readTimeRange(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return readText(v)
	}
	start, _ := m["start"].(string)
	end, _ := m["end"].(string)
	return timeRange(jwt.TimeRange{Start: start, End: end})
}

// readActivation says of an activation, which is hundreds of characters, when it ends.
func readActivation(v any) string {
	token, ok := v.(string)
	if !ok || token == "" || strings.Contains(token, "://") {
		return readText(v)
	}
	c, err := jwt.DecodeActivationClaims(token)
	switch {
	case err != nil:
		return "invalid"
	case c.Expires == 0:
		return "never expires"
	}
	return "expires " + Time(c.Expires).String()
}
