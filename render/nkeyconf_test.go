package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// nkeyConfig has everything that a configuration can say, and some that it cannot.
func nkeyConfig(t *testing.T) NkeyConfig {
	t.Helper()
	sys, a, b := jwt.NewAccountClaims(accountID(t, 1)), jwt.NewAccountClaims(accountID(t, 2)), jwt.NewAccountClaims(accountID(t, 3))
	a.Exports.Add(
		&jwt.Export{Subject: "orders.>", Type: jwt.Stream},
		&jwt.Export{Subject: "closed.*", Type: jwt.Stream, TokenReq: true},
		&jwt.Export{Subject: "mine", Type: jwt.Stream, TokenReq: true},
		&jwt.Export{
			Subject: "svc.*", Type: jwt.Service, ResponseType: jwt.ResponseTypeStream, ResponseThreshold: 5 * time.Second,
			Latency: &jwt.ServiceLatency{Sampling: 50, Results: "many"}, AllowTrace: true,
		},
		&jwt.Export{Subject: "one", Type: jwt.Service, ResponseThreshold: time.Second, Latency: &jwt.ServiceLatency{Sampling: 50, Results: "lat"}},
		&jwt.Export{Subject: "of.*", Type: jwt.Service, AccountTokenPosition: 2, Latency: &jwt.ServiceLatency{Sampling: jwt.Headers, Results: "lat2"}},
	)
	a.Limits.Conn, a.Limits.Payload, a.Limits.Data = 5, 1024, 7
	a.Limits.DiskStorage, a.Limits.Streams = 1<<20, 2
	a.DefaultPermissions.Sub.Deny.Add("secret.>")
	a.Mappings = jwt.Mapping{"x.*": {{Subject: "y.$1", Weight: 60}, {Subject: "z.$1", Weight: 40, Cluster: "c"}}}
	act := jwt.NewActivationClaims(b.Subject)
	act.ImportSubject, act.ImportType = "closed.*", jwt.Stream
	token, err := act.Encode(key(t, nkeys.PrefixByteAccount, 2))
	if err != nil {
		t.Fatal(err)
	}
	b.Imports.Add(
		&jwt.Import{Subject: "orders.eu", LocalSubject: "eu", Account: a.Subject, Type: jwt.Stream},
		&jwt.Import{Subject: "orders.us", To: "pre", Account: a.Subject, Type: jwt.Stream}, //nolint:staticcheck // the older form is still there
		&jwt.Import{Subject: "closed.*", Account: a.Subject, Type: jwt.Stream, Token: token},
		&jwt.Import{Subject: "mine", Account: a.Subject, Type: jwt.Stream},
		&jwt.Import{Subject: "svc.*", LocalSubject: "local.$1", Account: a.Subject, Type: jwt.Service, Share: true},
		&jwt.Import{Subject: "x", Account: accountID(t, 9), Type: jwt.Stream},
		nil,
	)
	rights := func(change func(*jwt.UserPermissionLimits)) jwt.UserPermissionLimits {
		r := jwt.NewUserClaims(userID(t, 1)).UserPermissionLimits
		change(&r)
		return r
	}
	return NkeyConfig{
		Operator: "O\nlisten: 1", System: sys.Subject, Listen: "127.0.0.1:-1", JetStreamDir: "./js", Now: time.Unix(1800000000, 0),
		Accounts: []NkeyAccount{
			{Name: `A}{ $HOME "q" #`, Claims: a, Users: []NkeyUser{
				{Name: "u", Key: userID(t, 1), Rights: rights(func(r *jwt.UserPermissionLimits) {
					r.Pub.Allow.Add("orders.>", "svc.*", "_INBOX.>")
					r.Sub.Allow.Add("svc.* q", "svc.*")
					r.Resp = &jwt.ResponsePermission{MaxMsgs: 3, Expires: time.Second}
					r.AllowedConnectionTypes.Add(jwt.ConnectionTypeStandard)
				})},
				{Name: "limited", Key: userID(t, 2), Expires: true, Rights: rights(func(r *jwt.UserPermissionLimits) { r.Subs, r.Src = 5, jwt.CIDRList{"10.0.0.0/8"} })},
			}},
			{Name: "it's B", Claims: b, Users: []NkeyUser{{Name: "v", Key: userID(t, 3), Rights: rights(func(*jwt.UserPermissionLimits) {})}}},
			{Name: "SYS", Claims: sys, Users: []NkeyUser{{Name: "s", Key: userID(t, 4), Rights: rights(func(*jwt.UserPermissionLimits) {})}}},
		},
	}
}

func TestNkeyConfigGolden(t *testing.T) {
	t.Parallel()
	conf, lost, err := nkeyConfig(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "serverconf/nkey.conf", conf)
	sameMeaning(t, conf)
	want := []string{"max subscriptions", "source networks", "expiry", "max data", `import of stream "mine"`, `import of stream "x"`, `latency of export "svc.*"`}
	if len(lost) != len(want) {
		t.Errorf("lost are %q", lost)
	}
	for _, what := range want {
		if !slices.ContainsFunc(lost, func(s string) bool { return strings.Contains(s, what) }) {
			t.Errorf("%s: is not among the lost, %q", what, lost)
		}
	}
}

// TestNkeyServer runs a server on the configuration, where users have their rights and accounts share what they should.
func TestNkeyServer(t *testing.T) {
	t.Parallel()
	c := nkeyConfig(t)
	c.JetStreamDir = filepath.Join(t.TempDir(), "js")
	conf, _, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.conf")
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, file)
	if got := s.SystemAccount().GetName(); got != "SYS" {
		t.Errorf("system account %q", got)
	}
	login := func(n byte) (*nats.Conn, chan error) {
		t.Helper()
		kp, refused := key(t, nkeys.PrefixByteUser, n), make(chan error, 10)
		nc, err := nats.Connect(s.ClientURL(), nats.Nkey(userID(t, n), kp.Sign), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc, refused
	}
	a, refused := login(1)
	b, _ := login(3)
	for _, subject := range []string{"eu", "pre.orders.us"} {
		sub, err := b.SubscribeSync(subject)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := a.Publish("orders."+subject[len(subject)-2:], []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := sub.NextMsg(10 * time.Second); err != nil {
			t.Errorf("%s: %v", subject, err)
		}
	}
	if _, err := a.QueueSubscribe("svc.*", "q", func(m *nats.Msg) { _ = m.Respond([]byte("answer")) }); err != nil {
		t.Fatal(err)
	}
	if err := a.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Request("local.x", nil, 10*time.Second); err != nil {
		t.Errorf("request: %v", err)
	}
	if err := a.Publish("other", nil); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		if !strings.Contains(err.Error(), "Permissions Violation") {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the user may publish what it must not")
	}
}

func TestNkeyConfigRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*NkeyConfig){
		"$G":       func(c *NkeyConfig) { c.Accounts[0].Name = "$G" },
		"both":     func(c *NkeyConfig) { c.Accounts[0].Name = `a"b'c` },
		"break":    func(c *NkeyConfig) { c.Accounts[0].Name = "a\nb" },
		"subject":  func(c *NkeyConfig) { c.Accounts[0].Claims.Exports[0].Subject = "a\x00b" },
		"listen":   func(c *NkeyConfig) { c.Listen = "x" },
		"mappings": func(c *NkeyConfig) { c.Accounts[0].Claims.Mappings = jwt.Mapping{`a\b`: {{Subject: "x"}}} },
	} {
		c := nkeyConfig(t)
		change(&c)
		if conf, _, err := c.Encode(); err == nil {
			t.Errorf("%s: no error\n%s", name, conf)
		}
	}
}

// FuzzNkeyConfig holds that nats-server reads the names that went in, and YAML the same.
func FuzzNkeyConfig(f *testing.F) {
	f.Add("A", "x")
	f.Add(`A}{ $HOME "q" #`, "a.*")
	f.Add("it's", "\xff")
	f.Add("{{x}}: &a *b !c |", `\`)
	f.Add("", ">")
	f.Fuzz(func(t *testing.T, name, subject string) {
		if len(name)+len(subject) > 1000 { // a key of YAML ends at 1024 characters
			return
		}
		c := nkeyConfig(t)
		c.Operator, c.Accounts[0].Name, c.Accounts[0].Users[0].Name = name, name, name
		c.Accounts[0].Claims.Exports[0].Subject = jwt.Subject(subject)
		conf, _, err := c.Encode()
		if err != nil {
			return
		}
		read, _ := sameMeaning(t, conf)["accounts"].(map[string]any)
		account, _ := read[name].(map[string]any)
		exports, _ := account["exports"].([]any)
		if first, _ := exports[0].(map[string]any); first["stream"] != subject {
			t.Errorf("%q, %q: reads as %v", name, subject, read)
		}
	})
}
