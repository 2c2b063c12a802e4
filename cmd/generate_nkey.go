package cmd

import (
	"nkeep/render"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type generateNkey struct {
	*app
	operator, account, user, curve bool
	store                          bool
}

func newGenerateNkey(a *app) *cobra.Command {
	o := &generateNkey{app: a}
	c := &cobra.Command{
		Use:   "nkey",
		Short: "Generate nkeys",
		Long:  "Generate nkeys and print each seed and its public key; with --store, the seed\ngoes into the keystore and is not printed. It needs no operator.",
		Example: `  nkeep generate nkey --account
  nkeep generate nkey --operator --user --store`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	f := c.Flags()
	f.BoolVarP(&o.operator, "operator", "o", false, "the key of an operator")
	f.BoolVarP(&o.account, "account", "a", false, "the key of an account")
	f.BoolVarP(&o.user, "user", "u", false, "the key of a user")
	f.BoolVarP(&o.curve, "curve", "x", false, "a curve key, which encrypts")
	f.BoolVarP(&o.store, "store", "S", false, "put the seeds into the keystore instead of printing them")
	oneRequired(c, "operator", "account", "user", "curve")
	return c
}

// nkeysView is generated keys: either the seed is shown, or where it is stored.
type nkeysView struct {
	Keys []nkeyView `json:"keys"`
}

type nkeyView struct {
	Kind      string `json:"kind"`
	PublicKey string `json:"public_key"`
	Seed      string `json:"seed,omitempty"`
	File      string `json:"file,omitempty"`
}

// Text implements [render.View].
func (v nkeysView) Text(t *render.Text) {
	for _, k := range v.Keys {
		if k.Seed != "" {
			t.Linef("%s", k.Seed)
		}
		t.Linef("%s", k.PublicKey)
		if k.File != "" {
			t.Linef("%s", k.File)
		}
		t.Linef("")
	}
}

func (o *generateNkey) run(c *cobra.Command) error {
	var keys []key
	for _, wanted := range []struct {
		is   bool
		kind nkeys.PrefixByte
	}{
		{o.operator, nkeys.PrefixByteOperator},
		{o.account, nkeys.PrefixByteAccount},
		{o.user, nkeys.PrefixByteUser},
		{o.curve, nkeys.PrefixByteCurve},
	} {
		if !wanted.is {
			continue
		}
		k, err := o.newKey(wanted.kind)
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	var (
		v   nkeysView
		err error
	)
	if o.store {
		v, err = o.stored(c, keys)
	} else {
		v, err = shownKeys(keys)
	}
	if err != nil {
		return err
	}
	return o.out.Show(v)
}

func shownKeys(keys []key) (v nkeysView, err error) {
	for _, k := range keys {
		seed, err := k.pair.Seed()
		if err != nil {
			return v, err
		}
		v.Keys = append(v.Keys, nkeyView{Kind: nkeys.Prefix(k.public).String(), PublicKey: k.public, Seed: string(seed)})
	}
	return v, nil
}

func (o *generateNkey) stored(c *cobra.Command, keys []key) (v nkeysView, err error) {
	w, err := o.open(c.Context())
	if err != nil {
		return v, err
	}
	err = w.update(c.Context(), func(c *change) error {
		for _, k := range keys {
			file, err := c.keys.Put(k.pair)
			if err != nil {
				return err
			}
			v.Keys = append(v.Keys, nkeyView{Kind: nkeys.Prefix(k.public).String(), PublicKey: k.public, File: file})
		}
		return nil
	})
	return v, err
}
