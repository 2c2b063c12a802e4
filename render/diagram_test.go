package render

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
)

// hostile is a name that each of the languages would obey somewhere.
const hostile = "1. \"]} <b>x</b> \\n **y** ~~z~~ &amp; %date() $x !include /etc/passwd\n--\n#34; www.x.org `m`"

// sharing are accounts of which one imports from another, and from nobody.
func sharing(t *testing.T) []DiagramAccount {
	t.Helper()
	a, b := jwt.NewAccountClaims(accountID(t, 1)), jwt.NewAccountClaims(accountID(t, 2))
	a.Description = hostile
	a.Exports.Add(
		&jwt.Export{Name: "orders.>", Subject: "orders.>", Type: jwt.Stream},
		&jwt.Export{Name: hostile, Subject: "svc.*", Type: jwt.Service, TokenReq: true, Info: jwt.Info{Description: "Answers"}},
		nil,
	)
	a.Limits.Conn, a.Limits.WildcardExports = 5, false
	b.Imports.Add(
		&jwt.Import{Name: "eu", Subject: "orders.eu.>", LocalSubject: "eu.>", Account: a.Subject, Type: jwt.Stream},
		&jwt.Import{Name: "old", Subject: "orders.us", To: "pre", Account: a.Subject, Type: jwt.Stream}, //nolint:staticcheck // the older form is still there
		&jwt.Import{Name: "svc", Subject: "svc.b", Account: a.Subject, Type: jwt.Service},
		&jwt.Import{Name: "gone", Subject: "gone", Account: a.Subject, Type: jwt.Stream},
		&jwt.Import{Name: "else", Subject: "x", Account: accountID(t, 3), Type: jwt.Stream},
		&jwt.Import{Name: "else", Subject: "y", Account: accountID(t, 3), Type: jwt.Stream},
		nil,
	)
	role := &jwt.UserScope{Key: accountID(t, 4), Role: "reader", Template: jwt.UserPermissionLimits{
		Permissions: jwt.Permissions{Sub: jwt.Permission{Allow: []string{"orders.>"}}}, Limits: jwt.NewUserClaims("U").Limits,
	}}
	b.SigningKeys.AddScopedSigner(role)
	u, s := jwt.NewUserClaims(userID(t, 1)), jwt.NewUserClaims(userID(t, 2))
	u.Issuer, u.Expires, u.Tags = b.Subject, 1893456000, jwt.TagList{"team:x"}
	s.Issuer, s.IssuerAccount = role.Key, b.Subject
	return []DiagramAccount{
		{Name: hostile, Claims: a},
		{Name: "B", Claims: b, Users: []DiagramUser{{Name: "u", Claims: u}, {Name: "scoped", Claims: s}, {Name: "torn", Issues: []string{"is no token"}}}, Issues: []string{"warning: " + hostile, "error: second"}},
		{Name: "torn", Issues: []string{"is no token"}},
	}
}

func TestDiagramGolden(t *testing.T) {
	t.Parallel()
	accounts := sharing(t)
	o := jwt.NewOperatorClaims(operatorID(t, 1))
	o.SigningKeys.Add(operatorID(t, 2))
	o.OperatorServiceURLs.Add("nats://a.example:4222")
	op := DiagramOperator{Name: `O "x"`, Claims: o}
	for name, d := range map[string]Diagram{
		"component":        ComponentDiagram(op.Name, accounts, false),
		"component_detail": ComponentDiagram(op.Name, accounts, true),
		"object":           ObjectDiagram(op, accounts, ObjectOptions{}),
		"object_detail":    ObjectDiagram(op, accounts, ObjectOptions{Keys: true, Detail: true}),
		"object_none":      ObjectDiagram(op, nil, ObjectOptions{}),
	} {
		for format, ext := range map[DiagramFormat]string{PlantUML: ".puml", Mermaid: ".mmd", Graphviz: ".dot"} {
			got, err := d.Encode(format)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "diagram/"+name+ext, got)
		}
	}
	if _, err := ComponentDiagram("O", nil, false).Encode("svg"); err == nil {
		t.Error("svg: no error")
	}
}

// FuzzDiagramText holds that text is shown as it is, and that nothing of it is left that the language would obey.
func FuzzDiagramText(f *testing.F) {
	for _, s := range []string{hostile, "", " ", "__a__", "..", "WWW.x", "- x", "\xff\u202e", "é 🙂", "<U+0022>", "#34;", `\"`, `\\`} {
		f.Add(s)
	}
	plantEscape, mermaidEscape := regexp.MustCompile(`<U\+([0-9A-F]{4,6})>`), regexp.MustCompile(`#([0-9]+);`)
	number := func(base int) func(string) string {
		return func(escape string) string {
			n, err := strconv.ParseInt(strings.Trim(escape, "<U+>#;"), base, 32)
			if err != nil {
				return err.Error()
			}
			return string(rune(n))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := Escape(s)
		plant := plantText(s)
		if got := plantEscape.ReplaceAllStringFunc(plant, number(16)); got != want {
			t.Errorf("PlantUML shows %q for %q", got, want)
		}
		left := plantEscape.ReplaceAllString(plant, "x")
		if strings.ContainsAny(left, "\"\\<>*~/[]{}#|%$!'&=@^`+()\n") || strings.Contains(left, "--") || strings.Contains(left, "__") || strings.Contains(left, "..") {
			t.Errorf("PlantUML obeys something of %q", plant)
		}
		chart := mermaidText(s)
		if got := mermaidEscape.ReplaceAllStringFunc(chart, number(10)); got != want {
			t.Errorf("Mermaid shows %q for %q", got, want)
		}
		left = mermaidEscape.ReplaceAllString(chart, "x")
		if strings.ContainsAny(left, "\"\\<>*_~/[]{}#|%$!'&@^`+;\n") || strings.Contains(strings.ToLower(left), "www.") || strings.HasPrefix(left, "-") {
			t.Errorf("Mermaid obeys something of %q", chart)
		}
		dot := strings.ReplaceAll(dotText(s), "&amp;", "\x00")
		if strings.Contains(dot, "&") {
			t.Errorf("DOT obeys something of %q", dot)
		}
		if got := strings.NewReplacer(`\\`, `\`, `\"`, `"`, "\x00", "&").Replace(dot); got != want {
			t.Errorf("DOT shows %q for %q", got, want)
		}
	})
}
