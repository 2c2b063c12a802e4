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
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

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
	bare := flag.Bool("bare", false, "leave out the keys of accounts and users, and the creds")
	described := flag.Int("described", 0, "length of the accounts' descriptions")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := grow(flag.Arg(0), garden{bare: *bare, described: *described}, *accounts, *users); err != nil {
		fmt.Fprintln(os.Stderr, "grow:", err)
		os.Exit(1)
	}
}

// sprout is an entity before it is written.
type sprout struct {
	name, token string
	pair        nkeys.KeyPair
}

// garden is all that is to be written.
type garden struct {
	operator, holder sprout
	accounts, users  []sprout
	bare             bool
	described        int // characters in the description of an account
}

func grow(dir string, g garden, accounts, users int) error {
	g, err := g.sow(accounts, users)
	if err != nil {
		return err
	}
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
	return root.Update(context.Background(), func(tx *jwtstore.Tx) error {
		if err := g.plant(tx, ring.In(tx.Shared())); err != nil {
			return err
		}
		return settings.Stage(tx.Shared(), jwtstore.Selection{StoreRoot: root.Path(), Operator: g.operator.name, Account: g.holder.name}, 0)
	}, ring, settings)
}

// sow generates the keys and signs the tokens.
func (g garden) sow(accounts, users int) (_ garden, err error) {
	if g.operator, err = g.newSprout("O", nkeys.PrefixByteOperator, nil); err != nil {
		return g, err
	}
	if g.holder, err = g.newSprout("USERS", nkeys.PrefixByteAccount, g.operator.pair); err != nil {
		return g, err
	}
	if g.accounts, err = g.sprouts("A%05d", accounts, nkeys.PrefixByteAccount, g.operator.pair); err != nil {
		return g, err
	}
	g.users, err = g.sprouts("U%05d", users, nkeys.PrefixByteUser, g.holder.pair)
	return g, err
}

func (g garden) plant(tx *jwtstore.Tx, keys *keystore.Tx) error {
	_, err := tx.AddOperator(g.operator.name, g.operator.token, false)
	if err = errors.Join(err, g.operator.store(keys)); err != nil {
		return err
	}
	for _, s := range append(g.accounts, g.holder) {
		_, err := tx.AddAccount(g.operator.name, s.name, s.token)
		if err == nil && (!g.bare || s == g.holder) {
			err = s.store(keys)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range g.users {
		_, err := tx.AddUser(g.operator.name, g.holder.name, s.name, s.token)
		if err == nil && !g.bare {
			_, err = keys.PutCreds(g.operator.name, g.holder.name, s.name, s.token, s.pair)
			err = errors.Join(err, s.store(keys))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s sprout) store(keys *keystore.Tx) error {
	_, err := keys.Put(s.pair)
	return err
}

func (g garden) sprouts(format string, count int, kind nkeys.PrefixByte, by nkeys.KeyPair) ([]sprout, error) {
	out := make([]sprout, count)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range out {
		group.Go(func() (err error) {
			out[i], err = g.newSprout(fmt.Sprintf(format, i), kind, by)
			return err
		})
	}
	return out, group.Wait()
}

// newSprout generates a key and signs its token; an operator signs itself.
func (g garden) newSprout(name string, kind nkeys.PrefixByte, by nkeys.KeyPair) (sprout, error) {
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
		ac := claims.NewAccount(public, name)
		ac.Description = strings.Repeat("x", g.described)
		c = ac
	default:
		c = claims.NewUser(public, name)
	}
	token, err := c.Encode(by)
	return sprout{name, token, pair}, err
}
