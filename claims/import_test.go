package claims

import (
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestImports(t *testing.T) {
	t.Parallel()
	a, other := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	operator, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	x := &jwt.Export{Subject: "a.*", Type: jwt.Service}
	for name, tt := range map[string]struct {
		im   jwt.Import
		want bool
	}{
		"all of it":       {jwt.Import{Account: a, Subject: "a.*", Type: jwt.Service}, true},
		"a part":          {jwt.Import{Account: a, Subject: "a.b", LocalSubject: "z", Type: jwt.Service}, true},
		"a part, to":      {jwt.Import{Account: a, Subject: "z", To: "a.b", Type: jwt.Service}, true}, //nolint:staticcheck // older tokens have it
		"more than it":    {jwt.Import{Account: a, Subject: ">", Type: jwt.Service}, false},
		"another subject": {jwt.Import{Account: a, Subject: "b", LocalSubject: "a.b", Type: jwt.Service}, false},
		"another type":    {jwt.Import{Account: a, Subject: "a.b", Type: jwt.Stream}, false},
		"another account": {jwt.Import{Account: other, Subject: "a.b", Name: a, Type: jwt.Service}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewAccount(pub(t, nkeys.PrefixByteAccount), "B")
			c.Imports.Add(&tt.im)
			token, err := c.Encode(operator)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Imports(token, a, x); got != tt.want || err != nil {
				t.Errorf("got %v, error %v", got, err)
			}
		})
	}
	for _, token := range []string{"", "a.b", "a.é.c"} {
		if got, err := Imports(token, a, x); got || err == nil {
			t.Errorf("token %q: got %v, error %v", token, got, err)
		}
	}
}
