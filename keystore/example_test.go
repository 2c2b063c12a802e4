package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nkeep/keystore"

	"github.com/nats-io/nkeys"
)

// A key is stored, read back by its public key, and removed again.
func Example() {
	dir, err := os.MkdirTemp("", "nkeep-example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ring, err := keystore.Open(filepath.Join(dir, "ring"), keystore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	kp, err := nkeys.FromRawSeed(nkeys.PrefixByteAccount, make([]byte, 32))
	if err != nil {
		fmt.Println(err)
		return
	}
	public, err := kp.PublicKey()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = ring.Update(ctx, func(tx *keystore.Tx) error {
		_, err := tx.Put(kp)
		return err
	})
	fmt.Println("stored:", err)
	for entry, err := range ring.All() {
		rel, relErr := filepath.Rel(dir, entry.Path)
		fmt.Println(filepath.ToSlash(rel), errors.Join(err, relErr))
	}
	same, err := ring.Get(public)
	if err != nil {
		fmt.Println(err)
		return
	}
	signature, err := same.Sign([]byte("text"))
	fmt.Println("verified:", errors.Join(err, kp.Verify([]byte("text"), signature)))

	err = ring.Update(ctx, func(tx *keystore.Tx) error { return tx.Remove(public) })
	fmt.Println("removed:", err)
	_, err = ring.Get(public)
	fmt.Println(errors.Is(err, fs.ErrNotExist), err)
	// Output:
	// stored: <nil>
	// ring/keys/A/A5/AA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCS47C.nk <nil>
	// verified: <nil>
	// removed: <nil>
	// true key "AA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCS47C": is not in the keystore
}

// A key that somebody gives may be a seed: a typing error in it shows in no message.
func ExampleRing_Resolve() {
	ring, err := keystore.Open("no-keystore-here", keystore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	public, kp, err := ring.Resolve("AA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCS47C")
	fmt.Println(public[:4], kp == nil, err)
	_, _, err = ring.Resolve("SAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	fmt.Println(err)
	// Output:
	// AA5W true <nil>
	// key: the seed given is not valid
}
