package claims

import (
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestCheckExchange(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	exporterKey, exporter := key(t, nkeys.PrefixByteAccount)
	activation := func(edit func(*jwt.ActivationClaims)) string {
		act := jwt.NewActivationClaims(a)
		act.ImportSubject, act.ImportType = "p.>", jwt.Stream
		edit(act)
		return sign(t, act, exporterKey)
	}
	imports := func(list ...*jwt.Import) func(*jwt.AccountClaims) {
		return func(c *jwt.AccountClaims) { c.Imports = list }
	}
	exports := func(list ...*jwt.Export) func(*jwt.AccountClaims) {
		return func(c *jwt.AccountClaims) { c.Exports = list }
	}
	stream := func(token string) *jwt.Import {
		return &jwt.Import{Subject: "p.x", Account: exporter, Type: jwt.Stream, Token: token}
	}
	service := func(subject, local string) *jwt.Import {
		return &jwt.Import{Subject: jwt.Subject(subject), LocalSubject: jwt.RenamingSubject(local), Account: exporter, Type: jwt.Service}
	}
	runChecks(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []checkTest[jwt.AccountClaims]{
		{"exports apart", exports(&jwt.Export{Subject: "a.*", Type: jwt.Stream}, &jwt.Export{Subject: "a.*", Type: jwt.Service}, &jwt.Export{Subject: "b", Type: jwt.Stream}), nil},
		{
			"exports overlap", exports(&jwt.Export{Subject: "a.*", Type: jwt.Stream}, &jwt.Export{Subject: "a.b", Type: jwt.Stream}),
			[]string{`error nats.exports[1]: stream export "a.b" is contained in the export of "a.*"`},
		},
		{
			"same export twice", exports(&jwt.Export{Subject: "a", Type: jwt.Service}, &jwt.Export{Subject: "a", Type: jwt.Service}),
			[]string{"error nats.exports[0]: service", "error nats.exports[1]: service"},
		},
		{"export with a fault of its own", exports(&jwt.Export{Subject: "a b", Type: jwt.Stream}), []string{"error nats.exports[0]: "}},
		{"too many", func(c *jwt.AccountClaims) {
			c.Limits.Imports, c.Limits.Exports, c.Limits.WildcardExports = 0, 0, false
			exports(&jwt.Export{Subject: "a.*", Type: jwt.Stream})(c)
			imports(stream(""))(c)
		}, []string{"error nats.imports: has 1 imports", "error nats.exports: has 1 exports", "error nats.exports[0]: exports \"a.*\""}},
		{"services overlap", imports(service("x.*", ""), service("y", "x.z")), []string{`error nats.imports[1]: service import "x.z" is contained`}},
		{"services renamed apart", imports(service("x.*", "l.$1"), service("x.y", "")), nil},
		{"import with a fault of its own", imports(&jwt.Import{Subject: "p", Type: jwt.Stream}), []string{"error nats.imports[0]: account to import from"}},
		{"activation", imports(stream(activation(func(*jwt.ActivationClaims) {}))), nil},
		{"activation, broken", imports(stream("x.y.z")), []string{"error nats.imports[0].token: import"}},
		{"activation for another", imports(stream(activation(func(c *jwt.ActivationClaims) { c.Subject = exporter }))), []string{"error nats.imports[0].token: import \"p.x\": activation is for account"}},
		{"activation of a service", imports(stream(activation(func(c *jwt.ActivationClaims) { c.ImportType = jwt.Service }))), []string{"error nats.imports[0].token: import \"p.x\": activation is for a service"}},
		{"activation for another subject", imports(stream(activation(func(c *jwt.ActivationClaims) { c.ImportSubject = "q" }))), []string{`error nats.imports[0].token: import "p.x": activation is for "q"`}},
		{
			"activation from another", imports(&jwt.Import{Subject: "p.x", Account: a, Type: jwt.Stream, Token: activation(func(*jwt.ActivationClaims) {})}),
			[]string{"error nats.imports[0].token: import \"p.x\": activation is not from"},
		},
		{"scope makes bearers", func(c *jwt.AccountClaims) {
			scopedKey(exporter)(c)
			scope, _ := ScopeOf(c, exporter)
			scope.Template.BearerToken, c.Limits.DisallowBearer = true, true
		}, []string{"error nats.signing_keys[0].template.bearer_token: makes bearer tokens"}},
	})
}
