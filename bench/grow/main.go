// Grow makes a store of any size to measure with:
//
//	go run ./bench/grow -accounts 10000 -users 10000 DIR
//
// DIR is used as nkeep -H DIR uses it. The operator is O; its accounts are
// A00000, A00001, …; the users U00000, U00001, … are in the account USERS,
// which is selected. Everything is real: keys are stored, and tokens signed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"golang.org/x/sync/errgroup"
)

func main() {
	accounts := flag.Int("accounts", 0, "number of accounts without users")
	users := flag.Int("users", 0, "number of users in one account")
	bare := flag.Bool("bare", false, "leave out the users' keys and creds")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := grow(flag.Arg(0), *accounts, *users, *bare); err != nil {
		fmt.Fprintln(os.Stderr, "grow:", err)
		os.Exit(1)
	}
}

// sprout is an entity before it is written.
type sprout struct {
	name, token string
	pair        nkeys.KeyPair
}

func grow(dir string, accounts, users int, bare bool) error {
	root, err := jwtstore.Open(dir, jwtstore.Options{})
	if err != nil {
		return err
	}
	ring, err := keystore.Open(dir, keystore.Options{})
	if err != nil {
		return err
	}
	settings, err := jwtstore.OpenSettings(dir, jwtstore.Options{})
	if err != nil {
		return err
	}
	operator, err := newSprout("O", nkeys.PrefixByteOperator, nil)
	if err != nil {
		return err
	}
	holder, err := newSprout("USERS", nkeys.PrefixByteAccount, operator.pair)
	if err != nil {
		return err
	}
	inAccounts, err := sprouts("A%05d", accounts, nkeys.PrefixByteAccount, operator.pair)
	if err != nil {
		return err
	}
	inUsers, err := sprouts("U%05d", users, nkeys.PrefixByteUser, holder.pair)
	if err != nil {
		return err
	}
	return root.Update(context.Background(), func(tx *jwtstore.Tx) error {
		keys := ring.In(tx.Shared())
		if _, err := tx.AddOperator("O", operator.token, false); err != nil {
			return err
		}
		if err := operator.store(keys); err != nil {
			return err
		}
		for _, s := range append(inAccounts, holder) {
			if _, err := tx.AddAccount("O", s.name, s.token); err != nil {
				return err
			}
			if err := s.store(keys); err != nil {
				return err
			}
		}
		for _, s := range inUsers {
			if _, err := tx.AddUser("O", holder.name, s.name, s.token); err != nil {
				return err
			}
			if bare {
				continue
			}
			if err := s.store(keys); err != nil {
				return err
			}
			if _, err := keys.PutCreds("O", holder.name, s.name, s.token, s.pair); err != nil {
				return err
			}
		}
		return settings.Stage(tx.Shared(), jwtstore.Selection{StoreRoot: root.Path(), Operator: "O", Account: holder.name}, 0)
	}, ring, settings)
}

func (s sprout) store(keys *keystore.Tx) error {
	_, err := keys.Put(s.pair)
	return err
}

func sprouts(format string, count int, kind nkeys.PrefixByte, by nkeys.KeyPair) ([]sprout, error) {
	out := make([]sprout, count)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range out {
		group.Go(func() (err error) {
			out[i], err = newSprout(fmt.Sprintf(format, i), kind, by)
			return err
		})
	}
	return out, group.Wait()
}

// newSprout generates a key and signs its token; an operator signs itself.
func newSprout(name string, kind nkeys.PrefixByte, by nkeys.KeyPair) (sprout, error) {
	pair, err := nkeys.CreatePair(kind)
	if err != nil {
		return sprout{}, err
	}
	public, err := pair.PublicKey()
	if err != nil {
		return sprout{}, err
	}
	var c jwt.Claims
	switch kind {
	case nkeys.PrefixByteOperator:
		c, by = claims.NewOperator(public, name), pair
	case nkeys.PrefixByteAccount:
		c = claims.NewAccount(public, name)
	default:
		c = claims.NewUser(public, name)
	}
	token, err := c.Encode(by)
	return sprout{name, token, pair}, err
}
