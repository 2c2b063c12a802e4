package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"
)

// TestAnswer reads answers as people type them.
func TestAnswer(t *testing.T) {
	t.Parallel()
	fruit := []option{{value: "apple"}, {value: "apricot"}, {value: "Pear"}, {value: "1"}}
	pick := prompt{options: fruit}
	for name, c := range map[string]struct {
		p          prompt
		line, want string
		refused    string
	}{
		"text":                       {prompt{}, " a b ", "a b", ""},
		"nothing is the initial":     {prompt{initial: "x"}, "  ", "x", ""},
		"a number":                   {pick, "2", "apricot", ""},
		"a name that is a number":    {pick, "1", "1", ""},
		"a beginning":                {pick, "pe", "Pear", ""},
		"a beginning of two":         {pick, "ap", "", `"ap" could be apple, apricot`},
		"another":                    {pick, "plum", "", `"plum" is not there to choose`},
		"a number beyond":            {pick, "5", "", `"5" is not there to choose`},
		"a proposal by number":       {prompt{options: fruit, free: true}, "3", "Pear", ""},
		"none of the proposals":      {prompt{options: fruit, free: true}, "ap", "ap", ""},
		"no proposal":                {prompt{options: fruit, free: true}, "", "", ""},
		"several":                    {prompt{options: fruit, many: true}, "2, pear", "apricot,Pear", ""},
		"an empty one that may be":   {prompt{options: fruit, may: true}, "", "", ""},
		"an empty one that must not": {pick, "", "", "an answer is needed"},
		"several, one of them wrong": {prompt{options: fruit, many: true}, "2,x", "", `"x" is not there to choose`},
		"yes":                        {yesOrNo("?"), "Y", yes, ""},
		"neither yes nor no":         {yesOrNo("?"), "1.5", "", `"1.5" is neither yes nor no`},
		"nothing is no":              {yesOrNo("?"), "", no, ""},
		"one that fails its check":   {prompt{take: func(s string) error { _, err := parseNumber(s); return err }}, "many", "", "number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.p.answer(c.line)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Fatalf("answered %q, error %v", got, err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("answered %q, want %q; error %v", got, c.want, err)
			}
		})
	}
}

// TestComplete completes options as far as they go together.
func TestComplete(t *testing.T) {
	t.Parallel()
	p := prompt{many: true, options: []option{{value: "apple"}, {value: "apricot"}, {value: "pear"}}}
	for line, want := range map[string]string{
		"a": "ap", "apr": "apricot", "apple,p": "apple,pear", "x": "x", "": "",
	} {
		if got, pos, ok := p.complete(line, len(line), '\t'); got != want || pos != len(want) || !ok {
			t.Errorf("%q became %q, cursor at %d", line, got, pos)
		}
	}
	if _, _, ok := p.complete("a", 1, 'b'); ok {
		t.Error("a letter completes")
	}
}

// TestBroken breaks texts between words, and never loses one.
func TestBroken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, "one": {"one"}, "one two three": {"one two", "three"}, "longer-than-that is fine": {"longer-than-that", "is fine"},
	} {
		if got := broken(text, 7); !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestCommandLine writes what was answered as it is typed in a shell.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	pair, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		typed, answers []string
		want           string
	}{
		{[]string{"add", "user", "-i"}, []string{"shop"}, "nkeep add user shop"},
		{[]string{"-iJ", "add", "user", "--interactive"}, []string{"it's"}, `nkeep -J add user 'it'\''s'`},
		{[]string{"add", "user", "-K", string(seed), "-i"}, []string{"--allow-pub", "a.>,b c"}, `nkeep add user -K - --allow-pub 'a.>,b c'`},
		{[]string{"add", "user", "-i"}, []string{"--tag", "", "$HOME", "-x"}, `nkeep add user --tag '' '$HOME' -x`},
	} {
		a := &app{typed: c.typed}
		if got := a.commandLine(tree(), c.answers); got != c.want {
			t.Errorf("%q and %q make %s, want %s", c.typed, c.answers, got, c.want)
		}
	}
	if got := quoted("a\nb"); got != "'a\nb'" {
		t.Errorf("quoted: %q", got)
	}
}
