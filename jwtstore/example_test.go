package jwtstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// An operator and two accounts are written as one change; a name that is taken
// gives up all of the next one.
func Example() {
	dir, err := os.MkdirTemp("", "nkeep-example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	root, err := jwtstore.Open(filepath.Join(dir, "stores"), jwtstore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = root.Update(ctx, func(tx *jwtstore.Tx) error {
		_, opErr := tx.AddOperator("acme", exampleToken("acme"), false)
		_, ordersErr := tx.AddAccount("acme", "ORDERS", exampleToken("ORDERS"))
		_, stockErr := tx.AddAccount("acme", "STOCK", exampleToken("STOCK"))
		return errors.Join(opErr, ordersErr, stockErr)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = root.Update(ctx, func(tx *jwtstore.Tx) error {
		_, billsErr := tx.AddAccount("acme", "BILLS", exampleToken("BILLS"))
		_, ordersErr := tx.AddAccount("acme", "orders", exampleToken("orders"))
		return errors.Join(billsErr, ordersErr)
	})
	fmt.Println(err, errors.Is(err, fs.ErrExist))

	store, err := root.Operator("acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	items, err := store.Accounts()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range items {
		fmt.Println(it.Name, it.Head.Kind)
	}
	// Output:
	// account "ORDERS": exists already true
	// ORDERS account
	// STOCK account
}

// What a token says of itself is read without a store, and not verified.
func ExampleReadHead() {
	head, err := jwtstore.ReadHead(exampleToken("ORDERS"))
	fmt.Println(head.Name, head.Kind, err)
	_, err = jwtstore.ReadHead("not a token")
	fmt.Println(err)
	// Output:
	// ORDERS account <nil>
	// does not hold a token
}

// exampleToken is a token of an account with a key that is thrown away.
func exampleToken(name string) string {
	signer, err := nkeys.CreateOperator()
	if err != nil {
		return ""
	}
	account, err := nkeys.CreateAccount()
	if err != nil {
		return ""
	}
	public, err := account.PublicKey()
	if err != nil {
		return ""
	}
	claims := jwt.NewAccountClaims(public)
	claims.Name = name
	token, err := claims.Encode(signer)
	if err != nil {
		return ""
	}
	return token
}
