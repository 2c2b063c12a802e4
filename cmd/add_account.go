package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type addAccount struct {
	*app
	name string
	key  string
	edit claims.AccountEdit
}

func newAddAccount(a *app) *cobra.Command {
	o := &addAccount{app: a}
	c := &cobra.Command{
		Use:   "account NAME",
		Short: "Create an account and its identity key, and select it",
		Long: `Create an account, signed by the current operator, and select it. Permissions
given here are defaults for its users. --public-key takes an existing key; when
its seed is given, it is stored.`,
		Example: `  nkeep add account ORDERS
  nkeep add account ORDERS --conns 100 --js-disk-storage 10GiB
  nkeep add account ORDERS --public-key ORDERS.nk --expiry 1y`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				return required(c, "account")
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "name of the account; * invents one")
	f := c.Flags()
	f.StringVarP(&o.key, "public-key", "k", "", "identity of the account: a public key, a seed, or a file that holds one")
	f.StringSliceVar(&o.edit.Tags.Add, "tag", nil, "add tags")
	a.bindTimes(f, &o.edit.Times)
	bindPermissions(f, &o.edit.DefaultPermissions)
	bindAccountLimits(f, &o.edit)
	return c
}

func (o *addAccount) run(ctx context.Context) error {
	w, name, identity, err := o.begin(ctx, o.name, o.key, nkeys.PrefixByteAccount)
	if err != nil {
		return err
	}
	var (
		e entity
		k key
	)
	err = w.update(ctx, func(c *change) error {
		op, err := w.operator("")
		if err != nil {
			return err
		}
		if k, err = identity(); err != nil {
			return err
		}
		e, err = o.stage(c, op, name, k)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list accounts with: nkeep list accounts")
	}
	if k.pair == nil {
		o.out.Notef("the seed of account %q is not stored: its users are signed with -K, by a key of the account", name)
	}
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *addAccount) stage(c *change, op *operator, name string, k key) (entity, error) {
	ac := claims.NewAccount(k.public, name)
	if _, err := o.edit.Apply(ac, o.env.Now()); err != nil {
		return entity{}, badEdit(err)
	}
	if o.key != "" { // a generated key is nobody else's
		if taken, ok, err := op.store.AccountByKey(k.public); ok || err != nil {
			return entity{}, orTaken(jwtstore.KindAccount, k.public, taken, err)
		}
	}
	by, err := c.w.newAccountSigner(op, ac.Name, k)
	if err != nil {
		return entity{}, err
	}
	e, err := c.addAccount(op.store.Name, k, ac, by)
	if err != nil {
		return entity{}, err
	}
	return e, c.choose(op.store.Name, ac.Name)
}

// newAccountSigner signs a new account. In a managed store, where the
// operator's keys are elsewhere, the account signs itself.
func (w *workspace) newAccountSigner(op *operator, name string, k key) (signer, error) {
	c := choice{what: fmt.Sprintf("account %q", name), candidates: claims.OperatorSigners(op.claims)}
	if op.store.Managed && w.app.flags.privateKey == "" && k.pair != nil && !w.hasAny(c.candidates) {
		w.app.out.Notef("account %q signs itself: hand its token to operator %q to have it signed", name, op.store.Name)
		return signerOf(k.public, k.pair), nil
	}
	return w.signer(c)
}

func (w *workspace) hasAny(publics []string) bool {
	for _, p := range publics {
		if ok, err := w.ring.Has(p); ok && err == nil {
			return true
		}
	}
	return false
}

// orTaken is err, or that a key belongs to somebody already.
func orTaken(kind, public, by string, err error) error {
	if err == nil {
		err = &jwtstore.EntityError{Kind: kind, Name: public, Err: fs.ErrExist}
		return fmt.Errorf("%w, as %q", err, by)
	}
	return err
}
