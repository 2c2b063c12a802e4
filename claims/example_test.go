package claims_test

import (
	"fmt"
	"time"

	"nkeep/claims"

	"github.com/nats-io/nkeys"
)

// An operator signs an account, the account signs a user, and an edit of the
// account says what it changed.
func Example() {
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	operatorKey, operatorPub := newKey(nkeys.PrefixByteOperator)
	accountKey, accountPub := newKey(nkeys.PrefixByteAccount)
	_, userPub := newKey(nkeys.PrefixByteUser)

	op := claims.NewOperator(operatorPub, "acme")
	ac := claims.NewAccount(accountPub, "ORDERS")
	conns, expires := int64(100), now.AddDate(1, 0, 0).Unix()
	changes, err := claims.AccountEdit{
		Times:  claims.TimesEdit{Expires: &expires},
		Tags:   claims.ListEdit{Add: []string{"Prod"}},
		Limits: claims.AccountLimitsEdit{Conns: &conns},
	}.Apply(ac, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range changes {
		fmt.Println(c.Field, c.From, "->", c.To)
	}

	accountToken, err := ac.Encode(operatorKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	userToken, err := claims.NewUser(userPub, "alice").Encode(accountKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	ac, err = claims.VerifyAccount(accountToken, op, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := claims.VerifyUser(userToken, ac)
	fmt.Println(user.Name, err)
	// Output:
	// exp <nil> -> 1798761600
	// nats.limits.conn -1 -> 100
	// nats.tags <nil> -> [prod]
	// alice <nil>
}

func newKey(prefix nkeys.PrefixByte) (nkeys.KeyPair, string) {
	kp, err := nkeys.CreatePair(prefix)
	if err != nil {
		panic(err)
	}
	pub, err := kp.PublicKey()
	if err != nil {
		panic(err)
	}
	return kp, pub
}
