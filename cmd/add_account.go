package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type addAccount struct {
	*app
	batch batch
	spec  accountSpec
}

// accountSpec is what flags, or a line of a file, ask of a new account.
type accountSpec struct {
	key  string
	edit claims.AccountEdit
}

func newAddAccount(a *app) *cobra.Command {
	o := &addAccount{app: a}
	c := &cobra.Command{
		Use:   "account NAME...",
		Short: "Create accounts and their identity keys, and select the account",
		Long: `Create accounts, signed by the current operator: all of them or, when one cannot
be, none. A single one is selected. Permissions given here are defaults for its
users. --public-key takes an existing key; when its seed is given, it is stored.

With --from accounts come from a file, or from stdin. It has a name on each line;
or it is CSV, whose first line names the fields; or each line is a JSON object.
Fields are name and the flags of this command, without dashes. They replace the
values of the command line, and add to its lists.`,
		Example: `  nkeep add account ORDERS
  nkeep add account ORDERS --conns 100 --js-disk-storage 10GiB
  nkeep add account ORDERS --public-key ORDERS.nk --expiry 1y
  nkeep add account --from tenants.jsonl --conns 100 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.batch.empty() {
				return required(c, "account")
			}
			return o.run(c.Context())
		},
	}
	o.batch.bind(c, "name of the account; * invents one")
	a.bindAccountSpec(&o.spec, c.Flags())
	a.bindPush(c)
	return c
}

func (a *app) bindAccountSpec(s *accountSpec, f *pflag.FlagSet) {
	f.StringVarP(&s.key, "public-key", "k", "", "identity of the account: a public key, a seed, or a file that holds one")
	bindStrings(f, &s.edit.Tags.Add, "tag", "", "add tags")
	a.bindTimes(f, &s.edit.Times)
	bindPermissions(f, &s.edit.DefaultPermissions)
	bindAccountLimits(f, &s.edit)
}

func (o *addAccount) run(ctx context.Context) error {
	lines, err := o.batch.newcomers(ctx, o.app)
	if err != nil {
		return err
	}
	specs, given := make([]*accountSpec, len(lines)), make([]string, len(lines))
	for i, ln := range lines {
		if specs[i], err = specOf(o.spec, ln, o.bindAccountSpec); err != nil {
			return err
		}
		given[i] = specs[i].key
	}
	w, keys, err := o.begin(ctx, nkeys.PrefixByteAccount, given...)
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		op, err := w.operator("")
		if err != nil {
			return err
		}
		made, err := keys()
		if err != nil {
			return err
		}
		if err := refuseTaken(jwtstore.KindAccount, lines, given, made, op.store.AccountsByKey); err != nil {
			return err
		}
		done, err = o.stage(ctx, c, op, lines, specs, made)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list accounts with: nkeep list accounts")
	}
	o.noteLacking(done)
	return o.finishChanged(ctx, done, o.batch.many())
}

// stage signs the accounts and stages their files. A single one is selected.
func (o *addAccount) stage(ctx context.Context, c *change, op *operator, lines []line, specs []*accountSpec, keys []key) ([]entity, error) {
	signer, err := c.w.newAccountSigner(op, lines[0].name, keys[0])
	if err != nil {
		return nil, err
	}
	signed := make([]signedAccount, len(lines))
	err = o.signAll(ctx, len(lines), "accounts", func(i int) error {
		ac := claims.NewAccount(keys[i].public, lines[i].name)
		if _, err := specs[i].edit.Apply(ac, o.env.Now()); err != nil {
			return lines[i].wrap(badEdit(err))
		}
		by, err := signer(keys[i])
		if err != nil {
			return lines[i].wrap(err)
		}
		token, err := by.encode(ac)
		signed[i] = signedAccount{keys[i], ac, token}
		return lines[i].wrap(err)
	})
	if err != nil {
		return nil, err
	}
	done := make([]entity, len(lines))
	for i, s := range signed {
		if done[i], err = c.stageAccount(op.store.Name, s); err != nil {
			return nil, lines[i].wrap(err)
		}
	}
	for i, s := range signed { // last: a name that is taken stops all of them
		if err := c.handOver(op, signedHere{lines[i].name, s.claims, s.token, ""}, &done[i]); err != nil {
			return nil, lines[i].wrap(err)
		}
	}
	if o.batch.many() {
		return done, nil
	}
	return done, c.choose(op.store.Name, lines[0].name)
}

// newAccountSigner says who signs new accounts. In a managed store, where the
// operator's keys are elsewhere, an account signs itself.
func (w *workspace) newAccountSigner(op *operator, name string, first key) (func(key) (signer, error), error) {
	c := choice{what: fmt.Sprintf("account %q", name), candidates: claims.OperatorSigners(op.claims)}
	if op.store.Managed && w.app.flags.privateKey == "" && first.pair != nil && !w.hasAny(c.candidates) {
		return func(k key) (signer, error) {
			if k.pair == nil {
				return w.signer(c) // says why not
			}
			return signerOf(k.public, k.pair), nil
		}, nil
	}
	by, err := w.signer(c)
	return func(key) (signer, error) { return by, nil }, err
}

func (w *workspace) hasAny(publics []string) bool {
	for _, p := range publics {
		if ok, err := w.ring.Has(p); ok && err == nil {
			return true
		}
	}
	return false
}

// noteLacking tells of accounts that have no key here to sign users with.
func (o *addAccount) noteLacking(done []entity) {
	switch names := withoutSeed(done); {
	case len(names) == 1:
		o.out.Notef("the seed of account %s is not stored: its users are signed with -K, by a key of the account", names[0])
	case len(names) > 1:
		o.out.Notef("the seeds of %d accounts are not stored: their users are signed with -K, by keys of the accounts: %s", len(names), firstOf(names, 5))
	}
}
