package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// expansion is a user of a role.
type expansion struct {
	user, account     string // names
	tags, accountTags []string
	allowPub, denyPub []string
	allowSub, denySub []string
	shut              bool // it cannot ask the server even
}

func expansions() map[string]expansion {
	many := make([]string, 65)
	for i := range many {
		many[i] = fmt.Sprintf("n:%d", i)
	}
	return map[string]expansion{
		"nothing":                         {},
		"no template":                     {allowPub: []string{"a", "b.>"}, denySub: []string{"c"}},
		"names":                           {user: "bob", account: "ORDERS", allowPub: []string{"{{name()}}.{{account-name()}}"}, denyPub: []string{"x.{{name()}}"}},
		"subjects":                        {allowPub: []string{"{{subject()}}.{{account-subject()}}.>"}},
		"part of a token":                 {user: "bob", allowPub: []string{"pre-{{name()}}-post.x", "{{name()}}{{name()}}"}},
		"case of functions":               {user: "Bob", allowPub: []string{"{{NAME()}}", "{{Account-Name()}}", "{{TAG(a)}}"}, tags: []string{"a:b"}},
		"blanks around":                   {user: "bob", allowPub: []string{"{{ name() }}", "y"}},
		"half a blank":                    {user: "bob", allowPub: []string{"{{name() }}", "{{tag( a)}}", "y"}, tags: []string{"a:b"}},
		"tag in capitals":                 {user: "bob", allowPub: []string{"x.{{Tag(a)}}", "z.{{ACCOUNT-TAG(a)}}", "y"}, tags: []string{"a:b"}, accountTags: []string{"a:b"}},
		"empty tag":                       {user: "bob", allowPub: []string{"x.{{tag()}}", "y"}, tags: []string{"a:b", ":c"}},
		"blank call":                      {user: "bob", allowPub: []string{"x.{{}}", "y"}},
		"no parentheses":                  {user: "bob", allowPub: []string{"x.{{name}}", "y"}},
		"tag half open":                   {user: "bob", allowPub: []string{"x.{{tag(a}}", "y"}, tags: []string{"a:b"}},
		"three braces":                    {user: "bob", allowPub: []string{"x.{{{name()}}}", "y"}},
		"queues in a list with templates": {user: "bob", allowSub: []string{"x.{{name()}}", "y q", "z"}},
		"queues in a list without":        {allowSub: []string{"x", "y q"}, denySub: []string{"z q"}},
		"queue with template":             {user: "bob", allowSub: []string{"x.{{name()}} q", "z"}},
		"template and other text":         {user: "bob", allowPub: []string{"{{name()}}.{{tag(a)}}.{{name()}}.{{tag(a)}}.{{tag(b)}}"}, tags: []string{"a:1", "a:2", "b:3", "b:4"}},
		"bad, without templates":          {allowPub: []string{"a..b", "c"}},
		"tag with template":               {user: "bob", allowPub: []string{"{{tag(a)}}.{{name()}}", "{{name()}}.{{tag(a)}}"}, tags: []string{"a:{{name()}}"}},
		"bad in deny, without templates":  {denyPub: []string{"a..b", "c"}, denySub: []string{"a..b q", "d"}},
		"tag with blank inside":           {allowPub: []string{"x.{{tag( a)}}", "z.{{tag(a )}}", "y"}, tags: []string{"a:b"}},
		"empty braces and template":       {user: "bob", allowPub: []string{"x.{{}}.{{name()}}", "{{}}"}},
		"blanks inside":                   {user: "bob", allowPub: []string{"{{ name() }}", "{{name( )}}"}},
		"tags":                            {tags: []string{"dept:eng", "dept:ops", "other:x"}, allowPub: []string{"d.{{tag(dept)}}.>"}},
		"product":                         {tags: []string{"a:1", "a:2"}, accountTags: []string{"b:3", "b:4"}, allowPub: []string{"{{tag(a)}}.{{account-tag(b)}}"}, denySub: []string{"{{account-tag(b)}}.{{tag(a)}}"}},
		"case of tags":                    {tags: []string{"dept:Eng", "Loc:Here"}, allowPub: []string{"{{tag(DEPT)}}", "{{tag(loc)}}"}},
		"tag with a dot":                  {tags: []string{"p:a.b"}, allowPub: []string{"{{tag(p)}}.c"}},
		"tag with wildcard":               {tags: []string{"p:a.>"}, allowPub: []string{"{{tag(p)}}", "{{tag(p)}}.c"}},
		"tag with colon":                  {tags: []string{"p:a:b"}, allowPub: []string{"{{tag(p)}}", "{{tag(p:a)}}"}},
		"tag without value":               {tags: []string{"p", "q:"}, allowPub: []string{"x.{{tag(p)}}", "x.{{tag(q)}}", "y"}},
		"missing tag":                     {allowPub: []string{"x.{{tag(none)}}", "y"}},
		"only a missing tag":              {allowPub: []string{"x.{{tag(none)}}"}, shut: true},
		"missing in both":                 {allowPub: []string{"x.{{tag(none)}}"}, allowSub: []string{"{{account-tag(none)}}"}, shut: true},
		"missing in deny":                 {denyPub: []string{"x.{{tag(none)}}"}},
		"unknown":                         {allowPub: []string{"x.{{unknown()}}", "y"}},
		"unknown in deny":                 {denyPub: []string{"x.{{unknown()}}"}},
		"no call":                         {user: "bob", allowPub: []string{"x.{{name}}", "{{tag}}", "{{tag()}}", "{{}}", "y"}},
		"half open":                       {user: "bob", allowPub: []string{"x.{{name()", "name()}}", "{name()}", "y"}},
		"name with blank":                 {user: "bob smith", allowPub: []string{"x.{{name()}}", "y"}},
		"blank in deny":                   {user: "bob smith", denyPub: []string{"x.{{name()}}"}},
		"dotted name":                     {user: ".bob.", allowPub: []string{"x.{{name()}}.z", "y"}},
		"queues":                          {user: "bob", tags: []string{"q:1", "q:2"}, allowSub: []string{"x.{{name()}} q", "y {{tag(q)}}", "z {{name()}}.>"}, denySub: []string{"w.{{name()}} q"}},
		"queue alone":                     {user: "bob smith", allowSub: []string{"x.{{name()}}", "y"}},
		"as many as can be":               {tags: many[:64], allowPub: []string{"{{tag(n)}}.{{tag(n)}}"}},
		"too many":                        {tags: many, allowPub: []string{"{{tag(n)}}.{{tag(n)}}", "y"}},
		"too many in deny":                {tags: many, denyPub: []string{"{{tag(n)}}.{{tag(n)}}"}},
		"static and bad":                  {user: "bob", allowPub: []string{"{{name()}}", "a..b", "c"}},
		"deny all already":                {allowPub: []string{"{{tag(none)}}"}, denyPub: []string{">"}, shut: true},
		"tags in upper case":              {accountTags: []string{"Env:Prod"}, allowPub: []string{"{{account-tag(env)}}.x"}},
		"values with blanks":              {tags: []string{"p: a", "p:b "}, allowPub: []string{"{{tag(p)}}.x", "y"}},
	}
}

// TestEffectiveAsTheServer compares what nkeep says that a user may do with what
// nats-server tells the user itself.
func TestEffectiveAsTheServer(t *testing.T) {
	t.Parallel()
	oKey, o := key(t, nkeys.PrefixByteOperator)
	accounts := &server.MemAccResolver{}
	_, sys := key(t, nkeys.PrefixByteAccount)
	oc := NewOperator(o, "O")
	oc.SystemAccount = sys
	if err := accounts.Store(sys, sign(t, NewAccount(sys, "SYS"), oKey)); err != nil {
		t.Fatal(err)
	}
	url := runServer(t, oc, accounts)
	for name, x := range expansions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x.compare(t, url, oKey, accounts)
		})
	}
}

// runServer runs a server that trusts the operator, on a free port.
func runServer(t *testing.T, oc *jwt.OperatorClaims, accounts server.AccountResolver) (url string) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		TrustedOperators: []*jwt.OperatorClaims{oc}, AccountResolver: accounts, SystemAccount: oc.SystemAccount,
	})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(20 * time.Second) {
		t.Fatal("server is not ready")
	}
	return srv.ClientURL()
}

const askUser, inboxes = "$SYS.REQ.USER.INFO", "_INBOX.>"

func (x expansion) compare(t *testing.T, url string, oKey nkeys.KeyPair, accounts server.AccountResolver) {
	t.Helper()
	ac, u, token, uKey := x.make(t, oKey, accounts)
	want, err := Effective(ac, u)
	nc, refused := nats.Connect(url, nats.UserJWT(func() (string, error) { return token, nil }, uKey.Sign),
		nats.NoReconnect(), nats.Timeout(20*time.Second), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil || refused != nil {
		if (err == nil) != (refused == nil) {
			t.Fatalf("nkeep: %v; server: %v", err, refused)
		}
		return
	}
	defer nc.Close()
	if x.shut {
		x.refused(t, nc, want)
		return
	}
	reply, err := nc.Request(askUser, nil, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Data struct {
			Permissions struct {
				Publish, Subscribe struct{ Allow, Deny []string }
			}
		}
	}
	if err := json.Unmarshal(reply.Data, &info); err != nil {
		t.Fatal(err)
	}
	got := info.Data.Permissions
	for what, lists := range map[string][2][]string{
		"allow pub": {got.Publish.Allow, want.Pub.Allow}, "deny pub": {got.Publish.Deny, want.Pub.Deny},
		"allow sub": {got.Subscribe.Allow, want.Sub.Allow}, "deny sub": {got.Subscribe.Deny, want.Sub.Deny},
	} {
		slices.Sort(lists[0])
		lists[0] = slices.Compact(lists[0])
		slices.Sort(lists[1])
		if !slices.Equal(lists[0], lists[1]) {
			t.Errorf("%s: server %q, nkeep %q", what, lists[0], lists[1])
		}
	}
}

// refused makes sure that both say that the user may not publish.
func (x expansion) refused(t *testing.T, nc *nats.Conn, want jwt.UserPermissionLimits) {
	t.Helper()
	if err := nc.Publish("y", nil); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) || !slices.Equal(want.Pub.Deny, []string{">"}) || len(want.Pub.Allow) > 0 {
		t.Errorf("server: %v; nkeep: %v", err, want.Pub)
	}
}

// make makes the account known to the server, and a user of it.
func (x expansion) make(t *testing.T, oKey nkeys.KeyPair, accounts server.AccountResolver) (*jwt.AccountClaims, *jwt.UserClaims, string, nkeys.KeyPair) {
	t.Helper()
	_, a := key(t, nkeys.PrefixByteAccount)
	sKey, s := key(t, nkeys.PrefixByteAccount)
	uKey, id := key(t, nkeys.PrefixByteUser)
	ac := NewAccount(a, x.account)
	ac.Tags = x.accountTags
	scope := jwt.NewUserScope()
	scope.Key = s
	scope.Template.Pub = jwt.Permission{Allow: x.allowPub, Deny: x.denyPub}
	scope.Template.Sub = jwt.Permission{Allow: x.allowSub, Deny: x.denySub}
	if len(x.allowPub) > 0 && !x.shut {
		scope.Template.Pub.Allow = append(slices.Clone(x.allowPub), askUser)
	}
	if len(x.allowSub) > 0 && !x.shut {
		scope.Template.Sub.Allow = append(slices.Clone(x.allowSub), inboxes)
	}
	ac.SigningKeys.AddScopedSigner(scope)
	token := sign(t, ac, oKey)
	if err := accounts.Store(a, token); err != nil {
		t.Fatal(err)
	}
	u := NewUser(id, x.user)
	Scope(u)
	u.IssuerAccount, u.Tags = a, x.tags
	signed := sign(t, u, sKey)
	return ac, u, signed, uKey
}
