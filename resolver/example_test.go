package resolver_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// Push an account, and see that every server applies it.
func Example() {
	site := newSite()
	defer site.close()
	err := push(context.Background(), site.server.ClientURL(), site.admin(), site.account("ORDERS"))
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// example: stored jwt updated
	// not loaded before somebody connects: true
}

func push(ctx context.Context, url string, admin resolver.Identity, account resolver.Account) error {
	conn, err := resolver.Dial(ctx, resolver.Options{URLs: []string{url}, Name: "example", Identity: admin})
	if err != nil {
		return err
	}
	defer conn.Close()

	roll, err := conn.RollCall(ctx)
	if err != nil {
		return err
	}
	summary, err := conn.Push(ctx, []resolver.Account{account}, resolver.PushOptions{
		Expect:   roll.Servers,
		OnResult: func(r resolver.Result) { fmt.Printf("%s: %s %s\n", r.Server.Name, r.Outcome, r.Message) },
	})
	if err != nil {
		return err
	}
	if !summary.All() || roll.Missing > 0 {
		fmt.Println("some servers did not get it")
	}
	inForce, err := conn.InForce(ctx, account.ID, roll.Servers)
	for _, f := range inForce {
		fmt.Println("not loaded before somebody connects:", f.State == resolver.NotLoaded)
	}
	return err
}

// site is a server with a resolver, and the keys of its operator and its system
// account.
type site struct {
	operator, system nkeys.KeyPair
	dir              string
	server           *server.Server
}

func newSite() *site {
	s := &site{operator: must(nkeys.CreateOperator()), system: must(nkeys.CreateAccount()), dir: must(os.MkdirTemp("", "nkeep-example"))}
	op := jwt.NewOperatorClaims(must(s.operator.PublicKey()))
	op.SystemAccount = must(s.system.PublicKey())
	tokens := must(server.NewDirAccResolver(s.dir, 0, time.Minute, server.NoDelete))
	if err := tokens.Store(op.SystemAccount, must(jwt.NewAccountClaims(op.SystemAccount).Encode(s.operator))); err != nil {
		panic(err)
	}
	s.server = must(server.NewServer(&server.Options{
		ServerName: "example", Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true,
		TrustedOperators: []*jwt.OperatorClaims{must(jwt.DecodeOperatorClaims(must(op.Encode(s.operator))))},
		SystemAccount:    op.SystemAccount, AccountResolver: tokens,
	}))
	s.server.Start()
	if !s.server.ReadyForConnections(10 * time.Second) {
		panic("the server does not start")
	}
	return s
}

func (s *site) close() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	_ = os.RemoveAll(s.dir)
}

// account is a new account that the operator has signed.
func (s *site) account(name string) resolver.Account {
	c := jwt.NewAccountClaims(must(must(nkeys.CreateAccount()).PublicKey()))
	c.Name = name
	return resolver.Account{ID: c.Subject, Token: must(c.Encode(s.operator))}
}

// admin is a user of the system account.
func (s *site) admin() resolver.Identity {
	user := must(nkeys.CreateUser())
	c := jwt.NewUserClaims(must(user.PublicKey()))
	return resolver.Identity{
		Token: func() (string, error) { return c.Encode(s.system) },
		Sign:  user.Sign,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
