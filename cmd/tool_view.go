package cmd

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"unicode/utf8"

	"nkeep/render"
	"nkeep/resolver"
)

// messageView is a message as it was received. Encoding is text, or base64 for a
// payload that is not UTF-8.
type messageView struct {
	Subject  string              `json:"subject"`
	Reply    string              `json:"reply,omitempty"`
	Headers  map[string][]string `json:"headers,omitempty"`
	Encoding string              `json:"encoding"`
	Data     string              `json:"data"`

	data []byte
	one  bool // there is no other
}

func newMessageView(m resolver.Message) messageView {
	v := messageView{Subject: m.Subject, Reply: m.Reply, Headers: m.Header, Encoding: "text", Data: string(m.Data), data: m.Data}
	if !utf8.Valid(m.Data) {
		v.Encoding, v.Data = "base64", base64.StdEncoding.EncodeToString(m.Data)
	}
	return v
}

// Text implements [render.View]. A program at the other end of a pipe gets the
// payload and nothing else; of several messages each ends its line.
func (v messageView) Text(t *render.Text) {
	if !t.Terminal() {
		t.Verbatim(string(v.data))
		if !v.one {
			t.Verbatim("\n")
		}
		return
	}
	if v.Reply != "" {
		t.Linef("%s (answer to %s)", v.Subject, v.Reply)
	} else {
		t.Linef("%s", v.Subject)
	}
	for _, key := range slices.Sorted(maps.Keys(v.Headers)) {
		for _, value := range v.Headers[key] {
			t.Linef("  %s: %s", key, value)
		}
	}
	for line := range bytes.Lines(v.data) {
		t.Linef("  %s", bytes.TrimSuffix(line, []byte("\n")))
	}
}
