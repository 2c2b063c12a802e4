package resolver

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// patience bounds what a test waits for; short is for silence that is expected, and
// long enough for an answer on a busy machine. costs is what a hostile server may cost.
const (
	patience = 10 * time.Second
	short    = 2 * time.Second
	costs    = 20 * time.Second
)

// realm is an operator with a system account, and one ordinary account.
type realm struct {
	operator     nkeys.KeyPair
	claims       *jwt.OperatorClaims
	sys, app     nkeys.KeyPair
	sysID, appID string
	sysToken     string
}

func newRealm(tb testing.TB) *realm {
	tb.Helper()
	r := &realm{operator: testkeys.New(tb, nkeys.CreateOperator), sys: testkeys.New(tb, nkeys.CreateAccount), app: testkeys.New(tb, nkeys.CreateAccount)}
	r.sysID, r.appID = testkeys.Public(tb, r.sys), testkeys.Public(tb, r.app)
	sys := jwt.NewAccountClaims(r.sysID)
	sys.Name = "SYS"
	r.sysToken = testkeys.Encode(tb, sys, r.operator)
	op := jwt.NewOperatorClaims(testkeys.Public(tb, r.operator))
	op.Name = "O"
	op.SystemAccount = r.sysID
	r.claims = mustDecode(tb, testkeys.Encode(tb, op, r.operator))
	return r
}

func mustDecode(tb testing.TB, token string) *jwt.OperatorClaims {
	tb.Helper()
	c, err := jwt.DecodeOperatorClaims(token)
	check(tb, err)
	return c
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// account makes claims for a key, signed by the operator.
func (r *realm) account(tb testing.TB, kp nkeys.KeyPair, name string) Account {
	tb.Helper()
	c := jwt.NewAccountClaims(testkeys.Public(tb, kp))
	c.Name = name
	return Account{ID: c.Subject, Token: testkeys.Encode(tb, c, r.operator)}
}

func (r *realm) accounts(tb testing.TB, n int) []Account {
	tb.Helper()
	list := make([]Account, n)
	for i := range list {
		list[i] = r.account(tb, testkeys.New(tb, nkeys.CreateAccount), fmt.Sprintf("A%d", i))
	}
	return list
}

// user makes an identity in an account; adjust may be nil. The token is signed
// anew at each login.
func user(tb testing.TB, account nkeys.KeyPair, adjust func(*jwt.UserClaims)) Identity {
	tb.Helper()
	kp := testkeys.New(tb, nkeys.CreateUser)
	id := testkeys.Public(tb, kp)
	return Identity{
		Token: func() (string, error) {
			c := jwt.NewUserClaims(id)
			c.Name = "tester"
			if adjust != nil {
				adjust(c)
			}
			return c.Encode(account)
		},
		Sign: kp.Sign,
	}
}

// restricted allows a user what the lists say.
func restricted(pub, sub []string) func(*jwt.UserClaims) {
	return func(c *jwt.UserClaims) {
		c.Pub.Allow = pub
		c.Sub.Allow = sub
	}
}

func baseOptions() *server.Options {
	return &server.Options{
		Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true,
		Cluster: server.ClusterOpts{},
	}
}

func (r *realm) options() *server.Options {
	o := baseOptions()
	o.TrustedOperators = []*jwt.OperatorClaims{r.claims}
	o.SystemAccount = r.sysID
	return o
}

// full are the options of a server with a full resolver.
func (r *realm) full(tb testing.TB) *server.Options {
	tb.Helper()
	o := r.options()
	res, err := server.NewDirAccResolver(tb.TempDir(), 0, time.Minute, server.NoDelete)
	check(tb, err)
	check(tb, res.Store(r.sysID, r.sysToken))
	o.AccountResolver = res
	return o
}

// memory are the options of a server with a memory resolver.
func (r *realm) memory(tb testing.TB, accounts ...Account) *server.Options {
	tb.Helper()
	o := r.options()
	res := &server.MemAccResolver{}
	check(tb, res.Store(r.sysID, r.sysToken))
	for _, a := range accounts {
		check(tb, res.Store(a.ID, a.Token))
	}
	o.AccountResolver = res
	return o
}

func start(tb testing.TB, o *server.Options) *server.Server {
	tb.Helper()
	s, err := server.NewServer(o)
	check(tb, err)
	s.Start()
	tb.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		tb.Fatal("server does not start")
	}
	return s
}

// cluster starts n servers with full resolvers and waits until they know each other.
func (r *realm) cluster(tb testing.TB, n int) []*server.Server {
	tb.Helper()
	var list []*server.Server
	var routes []*url.URL
	for i := range n {
		o := r.full(tb)
		o.ServerName = fmt.Sprintf("n%d", i+1)
		o.Cluster = server.ClusterOpts{Name: "C", Host: "127.0.0.1", Port: -1}
		o.Routes = routes
		s := start(tb, o)
		routes = append(routes, &url.URL{Scheme: "nats", Host: s.ClusterAddr().String()})
		list = append(list, s)
	}
	c := dial(tb, list[0], user(tb, r.sys, nil))
	eventually(tb, func() bool {
		roll, err := c.RollCall(tb.Context())
		return err == nil && len(roll.Servers) == n && roll.Missing == 0
	})
	return list
}

func dial(tb testing.TB, s *server.Server, id Identity) *Conn {
	tb.Helper()
	return dialWith(tb, Options{URLs: []string{s.ClientURL()}, Identity: id})
}

// dialWith takes its time to connect, whatever it has for answers.
func dialWith(tb testing.TB, o Options) *Conn {
	tb.Helper()
	answers := o.timeout()
	o.Timeout = max(answers, patience)
	c, err := Dial(context.Background(), o)
	check(tb, err)
	tb.Cleanup(c.Close)
	c.timeout = answers
	return c
}

// client connects a plain NATS client.
func client(tb testing.TB, s *server.Server, id Identity) *nats.Conn {
	tb.Helper()
	var options []nats.Option
	if id.Token != nil {
		options = append(options, nats.UserJWT(id.Token, id.Sign))
	}
	nc, err := nats.Connect(s.ClientURL(), options...)
	check(tb, err)
	tb.Cleanup(nc.Close)
	return nc
}

// eventually polls until a condition holds.
func eventually(tb testing.TB, holds func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatal("condition does not come true")
		}
	}
}
