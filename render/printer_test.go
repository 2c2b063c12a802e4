package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
)

// account is a view and an entry as commands make them.
type account struct {
	Name    string         `json:"name"`
	ID      string         `json:"public_key"`
	Tags    []string       `json:"tags"`
	Kind    jwt.ExportType `json:"kind"`
	Expires Time           `json:"expires"`
}

func (a account) Text(t *Text) { t.Linef("%s is %s", a.Name, a.ID) }

func (a account) Row() Row { return Row{Cells: []string{a.Name, a.ID}} }

func TestShow(t *testing.T) {
	t.Parallel()
	a := account{Name: "A<&>", ID: sysID, Kind: jwt.Stream, Expires: 1795361184}
	if got, want := string(show(t, Options{}, a)), "A<&> is "+sysID+"\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	want := `{
 "name": "A<&>",
 "public_key": "` + sysID + `",
 "tags": [],
 "kind": "stream",
 "expires": "2026-11-22T15:26:24Z"
}
`
	if got := string(show(t, Options{JSON: true}, a)); got != want {
		t.Errorf("JSON:\n%s\nwant:\n%s", got, want)
	}
}

func TestShowErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	for _, o := range []Options{{}, {JSON: true}} {
		r, w := io.Pipe()
		_ = r.CloseWithError(broken)
		for _, v := range []View{account{Kind: jwt.Stream}, listOf(nil, account{Kind: jwt.Stream})} {
			if err := New(w, io.Discard, o).Show(v); !errors.Is(err, broken) {
				t.Errorf("%+v: %v", o, err)
			}
		}
		if err := New(io.Discard, io.Discard, o).Show(listOf(broken, account{Kind: jwt.Stream})); !errors.Is(err, broken) {
			t.Errorf("%+v: error of a list is lost: %v", o, err)
		}
	}
}

func TestLiteralHTML(t *testing.T) {
	t.Parallel()
	for _, s := range []string{`a<b>&c`, `\u003e`, `\`, `\\u003c`, "\"\n\u2028", `<\<`} {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b = literalHTML(b)
		var back string
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			t.Errorf("%q came back as %q: %v", s, back, err)
		}
		if strings.Count(string(b), "<") != strings.Count(s, "<") {
			t.Errorf("%q became %s", s, b)
		}
	}
}

type embedded struct{ Inner []string }

func TestNilIsEmpty(t *testing.T) {
	t.Parallel()
	type deep struct {
		embedded
		List    []embedded
		Map     map[string][]int
		Filled  map[string][]int
		Any     any
		Pointer *embedded
		None    *embedded
		Bytes   []byte
		Omitted []string `json:",omitempty"`
		Raw     json.RawMessage
		At      time.Time
		private []string
	}
	v := deep{List: []embedded{{}}, Filled: map[string][]int{"a": nil}, Any: []int(nil), Pointer: &embedded{}, private: nil}
	got, err := json.Marshal(filled(v, ""))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Inner":[],"List":[{"Inner":[]}],"Map":{},"Filled":{"a":[]},"Any":[],"Pointer":{"Inner":[]},` +
		`"None":null,"Bytes":null,"Raw":null,"At":"0001-01-01T00:00:00Z"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if v.Inner != nil || v.List[0].Inner != nil || v.Filled["a"] != nil || v.Pointer.Inner != nil {
		t.Error("the view itself was changed")
	}
	if filled(nil, "") != nil {
		t.Error("nil became something")
	}
}

// listOf is a list that ends with err, if that is not nil.
func listOf(err error, entries ...account) List[account] {
	return List[account]{
		Title:   "Accounts",
		Columns: []Column{{Name: "Name"}, {Name: "Public Key", ID: true}},
		Entries: func(yield func(account, error) bool) {
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(account{}, err)
			}
		},
	}
}

type accountSlice []account

func (accountSlice) Text(*Text) {}

func TestListIsItsSlice(t *testing.T) {
	t.Parallel()
	a := account{Name: "A>", Kind: jwt.Service}
	for n := range 4 {
		all := accountSlice{a, a, a}[:n]
		got, want := show(t, Options{JSON: true}, listOf(nil, all...)), show(t, Options{JSON: true}, all)
		if !bytes.Equal(got, want) {
			t.Errorf("%d entries: %s, want %s", n, got, want)
		}
	}
	golden(t, "list.txt", show(t, Options{}, listOf(nil, account{Name: "SYS", ID: sysID})))
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		o    Options
		want string
	}{
		{Options{}, "note 1\nwarning: w \\x1b\n  more\nnkeep: account \"A\": file does not exist\nlist accounts with: nkeep list accounts\n"},
		{Options{Quiet: true}, "warning: w \\x1b\n  more\nnkeep: account \"A\": file does not exist\nlist accounts with: nkeep list accounts\n"},
		{Options{JSON: true, Quiet: true}, "warning: w \\x1b\n  more\n" +
			`{"error":"account \"A\": file does not exist","hint":"list accounts with: nkeep list accounts","code":3}` + "\n"},
	} {
		var out, errs bytes.Buffer
		p := New(&out, &errs, test.o)
		p.Notef("note %d", 1)
		p.Warnf("w %s\n%s", "\x1b", "more")
		p.Fail(errors.New(`account "A": file does not exist`), "list accounts with: nkeep list accounts", 3)
		if errs.String() != test.want || out.Len() > 0 {
			t.Errorf("%+v: %q, want %q; on out: %q", test.o, errs.String(), test.want, out.String())
		}
	}
}

func TestFailWithoutHint(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	New(io.Discard, &errs, Options{}).Fail(errors.New("interrupted"), "", 130)
	if got := errs.String(); got != "nkeep: interrupted\n" {
		t.Errorf("%q", got)
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	now := time.Unix(1795361184, 0)
	for at, want := range map[Time]string{
		0:                    "Never",
		1795361184 - 3600:    "2026-11-22T14:26:24Z (1 hour ago)",
		1795361184 + 3*86400: "2026-11-25T15:26:24Z (3 days from now)",
	} {
		if got := at.When(now, "Never"); got != want {
			t.Errorf("%d: %q, want %q", at, got, want)
		}
	}
	if b, err := json.Marshal([]Time{0, 1}); err != nil || string(b) != `[null,"1970-01-01T00:00:01Z"]` {
		t.Errorf("%s %v", b, err)
	}
}

func BenchmarkListJSON100000(b *testing.B) {
	entries := iter.Seq2[account, error](func(yield func(account, error) bool) {
		for i := range 100_000 {
			if !yield(account{Name: fmt.Sprint("account-", i), ID: sysID, Kind: jwt.Stream}, nil) {
				return
			}
		}
	})
	p := New(io.Discard, io.Discard, Options{JSON: true})
	for b.Loop() {
		if err := p.Show(List[account]{Entries: entries}); err != nil {
			b.Fatal(err)
		}
	}
}
