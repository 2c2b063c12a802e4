package resolver_test

import (
	"context"
	"log"

	"nkeep/resolver"
)

// Push an account and see that every server applies it.
func Example() {
	var identity resolver.Identity // a user of the system account
	var account resolver.Account   // its key and its token
	if err := push(context.Background(), identity, account); err != nil {
		log.Print(err)
	}
}

func push(ctx context.Context, identity resolver.Identity, account resolver.Account) error {
	conn, err := resolver.Dial(ctx, resolver.Options{
		URLs:     []string{"nats://localhost:4222"},
		Name:     "nkeep push",
		Identity: identity,
	})
	if err != nil {
		return err
	}
	defer conn.Close()

	roll, err := conn.RollCall(ctx)
	if err != nil {
		return err
	}
	summary, err := conn.Push(ctx, []resolver.Account{account}, resolver.PushOptions{
		Expect: roll.Servers,
		OnResult: func(r resolver.Result) {
			log.Printf("%s: %s %s", r.Server.Name, r.Outcome, r.Message)
		},
	})
	if err != nil {
		return err
	}
	if !summary.All() || roll.Missing > 0 {
		log.Print("some servers did not get it")
	}
	inForce, err := conn.InForce(ctx, account.ID, roll.Servers)
	for _, f := range inForce {
		log.Printf("%s: %s, up to date: %t", f.Server.Name, f.State, f.Token == account.Token)
	}
	return err
}
