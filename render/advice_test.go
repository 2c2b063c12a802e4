package render

import (
	"bytes"
	"testing"
)

// advising is a view with advice, and with text of others that looks like some.
type advising struct {
	Next   []Advice `json:"next"`
	Theirs string   `json:"theirs"`
}

func (v advising) Text(t *Text) {
	for _, next := range v.Next {
		t.Linef("%s; %s", next, v.Theirs)
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	v := advising{Next: []Advice{"type: nkeep push"}, Theirs: "nkeep pull"}
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "type: nkeep push; nkeep pull\n"},
		{Options{Program: "nsc"}, "type: nsc push; nkeep pull\n"},
		{Options{Program: "nsc", JSON: true}, "{\n \"next\": [\n  \"type: nsc push\"\n ],\n \"theirs\": \"nkeep pull\"\n}\n"},
	} {
		var out bytes.Buffer
		if err := New(&out, &out, tt.o).Show(v); err != nil || out.String() != tt.want {
			t.Errorf("%+v: %q, %v; want %q", tt.o, &out, err, tt.want)
		}
	}
	if v.Next[0] != "type: nkeep push" {
		t.Error("showing changes the view")
	}
}
