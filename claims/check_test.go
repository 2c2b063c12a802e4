package claims

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// checkTest changes sound claims and says what Check then finds, one issue a
// line as "level field: part of the text".
type checkTest[C any] struct {
	name string
	edit func(c *C)
	want []string
}

func runChecks[C any, P interface {
	*C
	jwt.Claims
}](t *testing.T, fresh func() *C, tests []checkTest[C]) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := fresh()
			tt.edit(c)
			before := stamped(t, P(c))
			var got []string
			for _, i := range Check(P(c), epoch()) {
				got = append(got, fmt.Sprintf("%s %s: %s", i.Level, i.Field, i.Text))
			}
			if !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if after := stamped(t, P(c)); after != before {
				t.Errorf("Check changed the claims from %s to %s", before, after)
			}
		})
	}
}

func TestCheckOperator(t *testing.T) {
	t.Parallel()
	o := pub(t, nkeys.PrefixByteOperator)
	now := epoch().Unix()
	runChecks(t, func() *jwt.OperatorClaims { return NewOperator(o, "O") }, []checkTest[jwt.OperatorClaims]{
		{"sound", func(*jwt.OperatorClaims) {}, nil},
		{"expired", func(c *jwt.OperatorClaims) { c.Expires = now }, []string{"expired exp: expired at 2026-01-01T00:00:00Z"}},
		{"not expired", func(c *jwt.OperatorClaims) { c.Expires = now + 1 }, nil},
		{"not yet valid", func(c *jwt.OperatorClaims) { c.NotBefore = now + 1 }, []string{"not_yet_valid nbf: is not valid before"}},
		{"valid", func(c *jwt.OperatorClaims) { c.NotBefore = now }, nil},
		{"never valid", func(c *jwt.OperatorClaims) { c.NotBefore, c.Expires = now-5, now+5; c.NotBefore = now + 9 }, []string{"error nbf: starts at", "not_yet_valid nbf:"}},
		{"negative", func(c *jwt.OperatorClaims) { c.Expires = -1 }, []string{"error exp: has a time before 1970"}},
		{"strict", func(c *jwt.OperatorClaims) { c.StrictSigningKeyUsage = true }, []string{"error nats.strict_signing_key_usage: requires"}},
		{"URLs", func(c *jwt.OperatorClaims) {
			c.AccountServerURL = "foo://x"
			c.OperatorServiceURLs = jwt.StringList{"nats://h", "nats:"}
		}, []string{"warning nats.account_server_url: account server URL", "warning nats.operator_service_urls[1]: service URL"}},
		{"jwt's own", func(c *jwt.OperatorClaims) { c.SystemAccount = "x" }, []string{"error : x is not an account public key"}},
	})
}

func TestCheckAccount(t *testing.T) {
	t.Parallel()
	a, exporter := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	exporterKey, exporter2 := key(t, nkeys.PrefixByteAccount)
	act := jwt.NewActivationClaims(a)
	act.ImportSubject, act.ImportType, act.Expires = "p", jwt.Stream, epoch().Unix()-1
	token := sign(t, act, exporterKey)
	runChecks(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []checkTest[jwt.AccountClaims]{
		{"sound", func(*jwt.AccountClaims) {}, nil},
		{"trace default", func(c *jwt.AccountClaims) { c.Trace = &jwt.MsgTrace{Destination: "t"} }, nil},
		{"null", func(c *jwt.AccountClaims) {
			c.Limits.Exports, c.Limits.WildcardExports = 5, false
			c.Exports, c.Imports = jwt.Exports{nil}, jwt.Imports{nil}
		}, []string{"error nats.exports[0]: is null", "error nats.imports[0]: is null"}},
		{"negative limits", func(c *jwt.AccountClaims) {
			c.Limits.Conn, c.Limits.Streams = -2, -3
			c.Limits.Subs = -9
		}, []string{"warning nats.limits.subs: is -9", "warning nats.limits.conn: is -2", "warning nats.limits.streams: is -3"}},
		{"negative tier", func(c *jwt.AccountClaims) {
			c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{"R1": {Consumer: -2}}
		}, []string{"warning nats.limits.tiered_limits.R1.consumer: is -2"}},
		{"expired activation", func(c *jwt.AccountClaims) {
			c.Imports.Add(&jwt.Import{Subject: "q", Account: exporter, Type: jwt.Stream}, &jwt.Import{Subject: "p", Account: exporter2, Type: jwt.Stream, Token: token})
		}, []string{"expired nats.imports[1].token: expired at"}},
		{"scope", func(c *jwt.AccountClaims) {
			scopedKey(exporter)(c)
			scope, _ := ScopeOf(c, exporter)
			scope.Template.Src.Add("junk")
			scope.Template.Subs = -2
		}, []string{"error nats.signing_keys[0].template: invalid cidr", "warning nats.signing_keys[0].template.subs: is -2"}},
		{"scope by value", func(c *jwt.AccountClaims) {
			c.SigningKeys.AddScopedSigner(jwt.UserScope{Kind: jwt.UserScopeType, Key: exporter, Template: jwt.UserPermissionLimits{Limits: jwt.Limits{UserLimits: jwt.UserLimits{Locale: "x/y"}}}})
		}, []string{"error nats.signing_keys[0].template: could not parse"}},
	})
}

func TestCheckUser(t *testing.T) {
	t.Parallel()
	u := pub(t, nkeys.PrefixByteUser)
	runChecks(t, func() *jwt.UserClaims { return NewUser(u, "U") }, []checkTest[jwt.UserClaims]{
		{"sound", func(*jwt.UserClaims) {}, nil},
		{"scoped", Scope, nil},
		{"zero", func(c *jwt.UserClaims) { c.Subs, c.NatsLimits.Payload = 0, 0 }, []string{"warning nats.subs: is 0", "warning nats.payload: is 0"}},
		{"negative", func(c *jwt.UserClaims) { c.Data = -7 }, []string{"warning nats.data: is -7, but only -1 means unlimited"}},
		{"network", func(c *jwt.UserClaims) { c.Src.Add("junk") }, []string{"error : invalid cidr"}},
	})
}

func TestCheckOther(t *testing.T) {
	t.Parallel()
	act := jwt.NewActivationClaims(pub(t, nkeys.PrefixByteAccount))
	act.Expires = epoch().Unix() - 1
	issues := Check(act, epoch())
	if len(issues) == 0 || issues[0].Level != LevelExpired {
		t.Errorf("issues %v", issues)
	}
}
