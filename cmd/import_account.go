package cmd

import (
	"context"
	"io/fs"

	"nkeep/claims"

	"github.com/spf13/cobra"
)

type importAccount struct {
	*app
	source                 string
	overwrite, force, skip bool
}

func newImportAccount(a *app) *cobra.Command {
	o := &importAccount{app: a}
	c := &cobra.Command{
		Use:   "account",
		Short: "Take an account into the store from a file",
		Long: `Take the token of an account into the store of the current operator, under the name
that it has. The operator must have issued it. An account that signed itself is
signed with a key of the operator, and with --force one that somebody else has
issued, too; where the operator is managed elsewhere, that has to be done there.

An account of this name is replaced with --overwrite, if it has the same identity.
What servers would refuse is not imported unless --skip is given. Its users come
with: nkeep import user; its seeds with: nkeep import keys.`,
		Example: "  nkeep import account --file ORDERS.jwt\n  nkeep import account --file theirs.jwt --force",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.source == "" {
				return withHint(usagef("import account: needs the file of the token, --file"), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	a.bindCertificates(c)
	f := c.Flags()
	f.StringVarP(&o.source, "file", "j", "", "file or URL of the account's token; - is standard input")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace an account of the same name and identity")
	f.BoolVar(&o.force, "force", false, "sign an account that another operator has issued")
	f.BoolVar(&o.skip, "skip", false, "import it although servers would refuse it")
	return c
}

func (o *importAccount) run(ctx context.Context) error {
	token, err := o.fetchToken(ctx, o.source)
	if err != nil {
		return err
	}
	ac, err := claims.ReadAccount(token)
	if err != nil {
		return err
	}
	issuer := ac.Issuer
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var e entity
	err = w.update(ctx, func(c *change) error {
		e, err = o.stage(c, &account{ac.Name, ac, token})
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "replace it with --overwrite")
	}
	if e.changesIssuer() && e.Issuer != issuer {
		o.out.Notef("account %q is issued by %s from now on, and was by %s", e.Name, e.Issuer, issuer)
	}
	if !w.hasAny(append(ac.SigningKeys.Keys(), ac.Subject)) {
		o.out.Notef("no seed of account %q is stored: bring them with: nkeep import keys; until then its users are signed with -K", e.Name)
	}
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *importAccount) stage(c *change, in *account) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	if err := admit(in.claims, ""); err != nil { // before it is signed
		return entity{}, err
	}
	reissued, err := c.adopt(op, in, o.force)
	if err != nil {
		return entity{}, err
	}
	of := op.chain()
	if err := o.weigh(in.claims, of.AccountIssues(in.claims), o.skip, "--skip imports it nevertheless"); err != nil {
		return entity{}, err
	}
	known, err := op.store.AccountsByKey(in.claims.Subject)
	if err != nil {
		return entity{}, err
	}
	return c.stageArrival(op, arrivedAccount{in, reissued}, known, o.overwrite)
}
