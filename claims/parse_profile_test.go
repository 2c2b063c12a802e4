package claims

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestParseProfile(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("A", 56)
	part := func(name string, asks ...string) *ProfilePart {
		p := &ProfilePart{NameOrKey: name}
		for _, what := range asks {
			p.set(what, true, "")
		}
		return p
	}
	tests := []struct {
		in      string
		want    Profile
		wantErr string
	}{
		{"nsc://O", Profile{Operator: part("O")}, ""},
		{"NSC://O/A/", Profile{Operator: part("O"), Account: part("A")}, ""},
		{"nsc://My%20Op/a b/u%2Fv?", Profile{Operator: part("My Op"), Account: part("a b"), User: part("u/v")}, ""},
		{"nsc://O#x/A?Names", Profile{Operator: part("O#x", "name"), Account: part("A", "name")}, ""},
		{"nsc://O/A/U?names&keys&seeds", Profile{
			Operator: part("O", "name", "key", "seed"), Account: part("A", "name", "key", "seed"), User: part("U", "name", "key", "seed"),
		}, ""},
		// one alone means the last that is named, but for names
		{"nsc://O/A/U?seed&name", Profile{Operator: part("O", "name"), Account: part("A", "name"), User: part("U", "seed", "name")}, ""},
		{"nsc://O/A?SEED&key=true", Profile{Operator: part("O"), Account: part("A", "seed", "key")}, ""},
		{"nsc://O/A?operatorName&ACCOUNTKEY&accountSeed=" + key, Profile{
			Operator: part("O", "name"), Account: &ProfilePart{NameOrKey: "A", Key: true, Seed: true, SeedOf: key},
		}, ""},
		{"nsc://O?seeds=false&names=0&keys=1", Profile{Operator: part("O", "key")}, ""},
		{"nsc://O?STORE=/Some/Dir%20x&keyStore=~/Keys&zz&Y=1", Profile{Operator: part("O"), Store: "/Some/Dir x", Keystore: "~/Keys", Unknown: []string{"Y", "zz"}}, ""},

		{"", Profile{}, "does not begin with nsc://"},
		{"nats://O", Profile{}, "does not begin with nsc://"},
		{"nsc://", Profile{}, "does not name the operator"},
		{"nsc:///A", Profile{}, "does not name the operator"},
		{"nsc://O//U", Profile{}, "does not name the account"},
		{"nsc://O/A/U/V", Profile{}, "names more than"},
		{"nsc://50%", Profile{}, "write %25 for a percent sign"},
		{"nsc://O?userKey", Profile{}, `asks for "userkey", and does not name one`},
		{"nsc://O?accountseed", Profile{}, `asks for "accountseed", and does not name one`},
		{"nsc://O?name&NAME", Profile{}, `asks for "name" twice`},
		{"nsc://O?store=a&store=b", Profile{}, `asks for "store" twice`},
		{"nsc://O?store=", Profile{}, "store: is empty"},
		{"nsc://O?seeds=" + key, Profile{Operator: &ProfilePart{NameOrKey: "O", Seed: true, SeedOf: key}}, ""},
		{"nsc://O/A?seeds=" + key, Profile{}, "is not a value it can have"},
		{"nsc://O?name=" + key, Profile{}, "is not a value it can have"},
		{"nsc://O?seed=x", Profile{}, "is not a value it can have"},
		{"nsc://O?a;b", Profile{}, "invalid semicolon"},
		{"nsc://" + strings.Repeat("x", maxProfile), Profile{}, "is longer than"},
	}
	for _, tt := range tests {
		got, err := ParseProfile(tt.in)
		checkError(t, tt.in, err, tt.wantErr)
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q = %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func FuzzParseProfile(f *testing.F) {
	for _, s := range []string{"nsc://O/A/U?names&seeds", "NSC://%41?userKey", "nsc://O?store=/X&KEYSTORE=y", "nsc://O/A?seed=AAAA", "nsc://?", "nsc://%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProfile(s)
		if err != nil {
			if p.Operator != nil {
				t.Errorf("%q: an error, and %+v", s, p)
			}
			return
		}
		if p.Operator == nil || p.User != nil && p.Account == nil {
			t.Fatalf("%q = %+v", s, p)
		}
		// What was understood can be written so that it is understood the same.
		var names []string
		for _, part := range []*ProfilePart{p.Operator, p.Account, p.User} {
			if part != nil {
				names = append(names, url.PathEscape(part.NameOrKey))
			}
		}
		again := "nsc://" + strings.Join(names, "/")
		q, err := ParseProfile(again)
		if err != nil || q.Operator.NameOrKey != p.Operator.NameOrKey || (q.User == nil) != (p.User == nil) {
			t.Errorf("%q reads as %+v, %v", again, q, err)
		}
	})
}
