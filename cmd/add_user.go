package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type addUser struct {
	*app
	name    string
	account string
	key     string
	edit    claims.UserEdit
}

func newAddUser(a *app) *cobra.Command {
	o := &addUser{app: a}
	c := &cobra.Command{
		Use:   "user NAME",
		Short: "Create a user, its key and its creds",
		Long: `Create a user of an account. Unless a public key is given without its seed, its
key is stored and a creds file is written, with which a client can connect.

The account signs with its identity key or a plain signing key. A scoped signing
key signs only when --private-key names it, by its role for instance; it decides
what the user may do, so that permissions and limits cannot be given then.`,
		Example: `  nkeep add user shop
  nkeep add user shop -a ORDERS --allow-pub "orders.>" --allow-sub "_INBOX.>"
  nkeep add user shop -K reader --expiry 30d`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				return required(c, "user")
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "name of the user; * invents one")
	f := c.Flags()
	f.StringVarP(&o.account, "account", "a", "", "account of the user, by name or public key")
	f.StringVarP(&o.key, "public-key", "k", "", "identity of the user: a public key, a seed, or a file that holds one")
	f.StringSliceVar(&o.edit.Tags.Add, "tag", nil, "add tags")
	f.StringSliceVar(&o.edit.Limits.SourceNetworks.Add, "source-network", nil, "networks from which the user may connect, in CIDR notation")
	bindBool(f, &o.edit.Limits.Bearer, "bearer", "let the token suffice, without the key")
	a.bindTimes(f, &o.edit.Times)
	bindPermissions(f, &o.edit.Limits.Permissions)
	a.completeAccounts(c, "account")
	return c
}

func (o *addUser) run(ctx context.Context) error {
	w, name, identity, err := o.begin(ctx, o.name, o.key, nkeys.PrefixByteUser)
	if err != nil {
		return err
	}
	var (
		e entity
		k key
	)
	err = w.update(ctx, func(c *change) error {
		op, ac, err := o.load(c)
		if err != nil {
			return err
		}
		if k, err = identity(); err != nil {
			return err
		}
		e, err = o.stage(c, op, ac, name, k)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list users with: nkeep list users")
	}
	if k.pair == nil {
		o.out.Notef("user %q has no creds file: its seed is not known here", name)
	}
	return o.out.Show(report{Entities: []entity{e}})
}

// load reads the account as it is under the lock.
func (o *addUser) load(c *change) (*operator, *account, error) {
	op, err := c.w.operator("")
	if err != nil {
		return nil, nil, err
	}
	ac, err := c.w.selectedAccount(op, o.account)
	return op, ac, err
}

// stage signs the user and stages its files.
func (o *addUser) stage(c *change, op *operator, ac *account, name string, k key) (entity, error) {
	if b := o.edit.Limits.Bearer; b != nil && *b && ac.claims.Limits.DisallowBearer {
		return entity{}, fmt.Errorf("account %q: does not allow bearer users", ac.name)
	}
	if o.key != "" {
		if taken, ok, err := op.store.UserByKey(ac.name, k.public); ok || err != nil {
			return entity{}, orTaken("user", k.public, taken, err)
		}
	}
	by, err := c.w.userSigner(op, ac, name, "")
	if err != nil {
		return entity{}, err
	}
	uc := claims.NewUser(k.public, name)
	if by.public != ac.claims.Subject {
		uc.IssuerAccount = ac.claims.Subject
	}
	if scope, ok := claims.ScopeOf(ac.claims, by.public); ok {
		if o.edit.HasPermissions() {
			return entity{}, usagef("user %q: the role %q decides what it may do; permissions and limits cannot be given", name, scope.Role)
		}
		claims.Scope(uc)
	}
	if _, err := o.edit.Apply(uc, o.env.Now()); err != nil {
		return entity{}, usageError{err}
	}
	return c.addUser(op.store.Name, ac.name, k, uc, by)
}
