package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestNewImport(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	for name, tt := range map[string]struct {
		s         ImportSpec
		wantLocal string
		wantErr   string
	}{
		"a stream":             {ImportSpec{Account: a, Subject: "x.>", AllowTrace: true}, "", ""},
		"a service":            {ImportSpec{Account: a, Service: true, Subject: "x", Share: true}, "", ""},
		"the same here":        {ImportSpec{Account: a, Subject: "x.*", LocalSubject: "x.*"}, "", ""},
		"another here":         {ImportSpec{Account: a, Subject: "x", LocalSubject: "y.z"}, "y.z", ""},
		"to its end":           {ImportSpec{Account: a, Subject: "x.>", LocalSubject: ">"}, ">", ""},
		"stars":                {ImportSpec{Account: a, Subject: "*.x.*.>", LocalSubject: "*.*.>"}, "*.*.>", ""},
		"references":           {ImportSpec{Account: a, Service: true, Subject: "*.x.*", LocalSubject: "$2.y.$1"}, "$2.y.$1", ""},
		"functions":            {ImportSpec{Account: a, Service: true, Subject: "*.x.*", LocalSubject: "{{wildcard(2)}}.{{Wildcard(1)}}"}, "$2.$1", ""},
		"a star, a reference":  {ImportSpec{Account: a, Subject: "*.*", LocalSubject: "$2.*"}, "$2.*", ""},
		"a dollar in a name":   {ImportSpec{Account: a, Subject: "x", LocalSubject: "$SYS.$.a$1"}, "$SYS.$.a$1", ""},
		"zeros":                {ImportSpec{Account: a, Subject: "x.*", LocalSubject: "$01"}, "$1", ""},
		"no account":           {ImportSpec{Subject: "x"}, "", `import "x": account "": is not the public key`},
		"an account by name":   {ImportSpec{Account: "A", Subject: "x"}, "", `account "A": is not the public key`},
		"no subject":           {ImportSpec{Account: a}, "", "is empty"},
		"a bad subject":        {ImportSpec{Account: a, Subject: "x..y"}, "", "empty token"},
		"a shared stream":      {ImportSpec{Account: a, Subject: "x", Share: true}, "", "share: only a service has it"},
		"a traced service":     {ImportSpec{Account: a, Service: true, Subject: "x", AllowTrace: true}, "", "trace: only the import of a stream has it"},
		"a bad local subject":  {ImportSpec{Account: a, Subject: "x", LocalSubject: "a b"}, "", `local subject "a b": contains a blank`},
		"one end only":         {ImportSpec{Account: a, Subject: "x.>", LocalSubject: "y"}, "", "have to end in > both"},
		"the other end only":   {ImportSpec{Account: a, Subject: "x.*", LocalSubject: "y.>"}, "", "have to end in > both"},
		"too few":              {ImportSpec{Account: a, Subject: "*.*", LocalSubject: "y.$1"}, "", "has a place for 1 of the 2 wildcards"},
		"too many":             {ImportSpec{Account: a, Subject: "*.x", LocalSubject: "*.*"}, "", "the imported subject has 1 wildcards"},
		"one twice":            {ImportSpec{Account: a, Subject: "*.*", LocalSubject: "$1.$1"}, "", "stands for wildcard 1, which is there already"},
		"one as star again":    {ImportSpec{Account: a, Subject: "*.*", LocalSubject: "$1.*"}, "", "stands for wildcard 1, which is there already"},
		"one there is not":     {ImportSpec{Account: a, Subject: "*.x", LocalSubject: "$2"}, "", `token "$2": the imported subject has 1`},
		"the zeroth":           {ImportSpec{Account: a, Subject: "*", LocalSubject: "$0"}, "", "counted from 1"},
		"a half reference":     {ImportSpec{Account: a, Subject: "*", LocalSubject: "$1x"}, "", "counted from 1"},
		"another function":     {ImportSpec{Account: a, Subject: "*", LocalSubject: "{{partition(3,1)}}"}, "", "only {{wildcard(1)}}"},
		"an unclosed function": {ImportSpec{Account: a, Subject: "*", LocalSubject: "{{wildcard(1"}, "", "only {{wildcard(1)}}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			im, err := NewImport(throughJSON(t, tt.s))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(im.LocalSubject) != tt.wantLocal || im.Name != tt.s.Subject {
				t.Errorf("%+v", im)
			}
			vr := jwt.CreateValidationResults()
			im.Validate(pub(t, nkeys.PrefixByteAccount), vr)
			if !vr.IsEmpty() {
				t.Errorf("jwt says %v", vr.Errors())
			}
		})
	}
}

func TestAddImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to, other := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	private := &jwt.Export{Subject: "p.*", Type: jwt.Service, TokenReq: true}
	token := func(target string, times TimesEdit) string {
		return activationOf(t, w, private, ActivationSpec{target, "p.x", times}, w.aSign)
	}
	service := func(subject, local string) *jwt.Import {
		return &jwt.Import{Account: w.ac.Subject, Type: jwt.Service, Subject: jwt.Subject(subject), LocalSubject: jwt.RenamingSubject(local)}
	}
	stream := func(account, subject string) *jwt.Import {
		return &jwt.Import{Account: account, Type: jwt.Stream, Subject: jwt.Subject(subject)}
	}
	activated := func(subject, token string) *jwt.Import {
		im := service(subject, "")
		im.Token = token
		return im
	}
	older := &jwt.Import{Account: w.ac.Subject, Type: jwt.Service, Subject: "here.a", To: "a"} //nolint:staticcheck // older tokens have it
	for name, tt := range map[string]struct {
		have    []*jwt.Import
		limit   int64
		im      *jwt.Import
		wantErr string
	}{
		"the first":                    {nil, -1, stream(other, "a"), ""},
		"an overlapping stream":        {[]*jwt.Import{stream(other, "a.*")}, -1, stream(other, "a.b"), ""},
		"a service beside a stream":    {[]*jwt.Import{stream(w.ac.Subject, "a")}, -1, service("a", ""), ""},
		"from another account":         {[]*jwt.Import{stream(w.ac.Subject, "a")}, -1, stream(other, "a"), ""},
		"the same":                     {[]*jwt.Import{stream(other, "a")}, -1, stream(other, "a"), `import "a": exists already, as a stream`},
		"the same, in the older form":  {[]*jwt.Import{older}, -1, service("a", "z"), "exists already, as a service"},
		"a service in the way":         {[]*jwt.Import{service("a.*", "")}, -1, service("b", "a.c"), `local subject "a.c": overlaps that of the service "a.*"`},
		"a wider one in the way":       {[]*jwt.Import{service("a.b", "")}, -1, service("c.*", "a.$1"), "overlaps"},
		"a service out of the way":     {[]*jwt.Import{service("a.*", "x.$1")}, -1, service("b", "a.c"), ""},
		"from itself":                  {nil, -1, stream(to, "a"), "comes from the account that imports it"},
		"as many as allowed":           {[]*jwt.Import{stream(other, "a")}, 2, stream(other, "b"), ""},
		"one too many":                 {[]*jwt.Import{stream(other, "a")}, 1, stream(other, "b"), `limit "imports": allows 1, and the account has 1`},
		"an activation":                {nil, -1, activated("p.x", token(to, TimesEdit{})), ""},
		"an activation for another":    {nil, -1, activated("p.x", token(other, TimesEdit{})), `activation is for account "` + other},
		"an activation of another":     {nil, -1, activated("p.y", token(to, TimesEdit{})), `activation is for "p.x", not for "p.y"`},
		"an activation, more than it":  {nil, -1, activated("p.>", token(to, TimesEdit{})), `activation is for "p.x", not for "p.>"`},
		"an activation that is none":   {nil, -1, activated("p.x", "x.y.z"), "token"},
		"an activation that will have": {nil, -1, activated("p.x", token(to, TimesEdit{Expires: new(epoch().Unix() + 1)})), "activation has expired on 2026-01-01T00:00:01Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewAccount(to, "B")
			c.Limits.Imports = tt.limit
			c.Imports = slices.Clone(tt.have)
			im := *tt.im
			changes, err := AddImport(c, &im, epoch().Add(2e9))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || errors.Is(err, ErrPresent) != strings.Contains(tt.wantErr, "exists") {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				if len(c.Imports) != len(tt.have) {
					t.Errorf("left %d imports", len(c.Imports))
				}
				return
			}
			if err != nil || len(changes) != 1 || changes[0].Field != importField(slices.Index(c.Imports, &im)) || changes[0].From != nil {
				t.Errorf("%+v, error %v", changes, err)
			}
			for _, issue := range Check(c, epoch()) {
				t.Errorf("issue %+v", issue)
			}
		})
	}
}

func TestFindImports(t *testing.T) {
	t.Parallel()
	a, b := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "B")
	c.Imports = jwt.Imports{
		{Account: a, Subject: "x", Name: "n", Type: jwt.Stream},
		{Account: b, Subject: "x", Name: "m", Type: jwt.Stream},
		{Account: a, Subject: "x", Name: "n", Type: jwt.Service, LocalSubject: "l"},
		{Account: a, Subject: "z", To: "y", Type: jwt.Service}, // as older tokens have it
	}
	for ref, want := range map[ImportRef]string{
		{}:                               "[0 1 2 3]",
		{Subject: "x"}:                   "[0 1 2]",
		{Subject: "x", Account: a}:       "[0 2]",
		{Subject: "x", Type: jwt.Stream}: "[0 1]",
		{Name: "n"}:                      "[0 2]",
		{Subject: "y"}:                   "[3]",
		{Subject: "l"}:                   "[]",
	} {
		if got := fmt.Sprint(FindImports(c, ref)); got != want {
			t.Errorf("%+v: %s, want %s", ref, got, want)
		}
	}
	changes, err := RemoveImport(c, 1)
	if err != nil || len(c.Imports) != 3 || len(changes) != 1 || changes[0].Field != "nats.imports[1]" || changes[0].To != nil || c.Imports[1].Type != jwt.Service {
		t.Errorf("%+v, error %v", changes, err)
	}
}

func TestExportsWith(t *testing.T) {
	t.Parallel()
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	c.Exports.Add(&jwt.Export{Subject: "a.*", Type: jwt.Stream}, &jwt.Export{Subject: "a.>", Type: jwt.Service}, &jwt.Export{Subject: "b", Type: jwt.Stream})
	for _, tt := range []struct {
		subject string
		kind    jwt.ExportType
		want    string
	}{
		{"a.x", jwt.Unknown, "[0 1]"},
		{"a.*", jwt.Stream, "[0]"},
		{"a.>", jwt.Unknown, "[1]"},
		{"a.x.y", jwt.Unknown, "[1]"},
		{"a.x", jwt.Service, "[1]"},
		{"*", jwt.Unknown, "[]"},
		{"b", jwt.Service, "[]"},
	} {
		if got := fmt.Sprint(ExportsWith(c, tt.subject, tt.kind)); got != tt.want {
			t.Errorf("%q, %s: %s, want %s", tt.subject, tt.kind, got, tt.want)
		}
	}
}

func TestCheckAccountToken(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	x := func(n uint) *jwt.Export { return &jwt.Export{Subject: "own.*", AccountTokenPosition: n} }
	for _, tt := range []struct {
		n       uint
		subject string
		ok      bool
	}{{0, "own.*", true}, {2, "own." + a, true}, {2, "own.*", false}, {2, "own", false}, {1, "own." + a, false}, {99, "own." + a, false}, {1<<63 + 1, "own." + a, false}} {
		if err := CheckAccountToken(x(tt.n), tt.subject, a); (err == nil) != tt.ok {
			t.Errorf("%d, %q: error %v", tt.n, tt.subject, err)
		}
	}
}

// BenchmarkAddImport adds to many.
func BenchmarkAddImport(b *testing.B) {
	from := pub(b, nkeys.PrefixByteAccount)
	c := NewAccount(pub(b, nkeys.PrefixByteAccount), "B")
	for i := range 10_000 {
		c.Imports.Add(&jwt.Import{Account: from, Type: jwt.Service, Subject: jwt.Subject(fmt.Sprintf("s.%05d", i))})
	}
	im := &jwt.Import{Account: from, Type: jwt.Service, Subject: "t"}
	for b.Loop() {
		next := *c
		if _, err := AddImport(&next, im, epoch()); err != nil {
			b.Fatal(err)
		}
	}
}
