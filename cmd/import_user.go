package cmd

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type importUser struct {
	*app
	source          string
	overwrite, skip bool
}

func newImportUser(a *app) *cobra.Command {
	o := &importUser{app: a}
	c := &cobra.Command{
		Use:   "user",
		Short: "Take a user into the store from a token or creds",
		Long: `Take a user into the store, under the name that it has, from its token or its creds.
The account that issued it must be there. The seed of creds is stored. When the
seed is known, from creds or the keystore, a creds file is written.

A user of this name is replaced with --overwrite, if it has the same identity. What
servers would refuse is not imported unless --skip is given.`,
		Example: "  nkeep import user --file shop.creds\n  nkeep import user --file shop.jwt --overwrite",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.source == "" {
				return withHint(usagef("import user: needs the file of the token or the creds, --file"), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.source, "file", "f", "", "file of the user's token or creds; - is standard input")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace a user of the same name and identity")
	f.BoolVar(&o.skip, "skip", false, "import it although servers would refuse it")
	return c
}

func (o *importUser) run(ctx context.Context) error {
	data, err := o.readSource(ctx, o.source)
	if err != nil {
		return err
	}
	defer clear(data)
	token, pair, err := o.takeApart(data)
	if err != nil {
		return fmt.Errorf("file %q: %w", o.source, err)
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var e entity
	err = w.update(ctx, func(c *change) error {
		e, err = o.stage(c, token, pair)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "replace it with --overwrite")
	}
	if len(withoutSeed([]entity{e})) > 0 {
		o.out.Notef("user %q has no creds file: its seed is not known here", e.Name)
	}
	return o.out.Show(report{Entities: []entity{e}})
}

// takeApart is the token of a file, and the key pair if the file is one of creds.
func (o *importUser) takeApart(data []byte) (token string, pair nkeys.KeyPair, err error) {
	if filepath.Ext(o.source) == ".creds" || bytes.Contains(data, []byte("NKEY SEED")) {
		token, pair, err = keystore.ParseCreds(data)
		return strings.TrimSpace(token), pair, err
	}
	token, err = jwt.ParseDecoratedJWT(data)
	return strings.TrimSpace(token), nil, err
}

func (o *importUser) stage(c *change, token string, pair nkeys.KeyPair) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	uc, err := claims.ReadUser(token)
	if err != nil {
		return entity{}, err
	}
	if pair != nil {
		if public, err := pair.PublicKey(); err != nil || public != uc.Subject {
			return entity{}, fmt.Errorf("user %q: the creds hold the seed of another, %s", uc.Name, public)
		}
	}
	ac, err := o.issuer(op, uc)
	if err != nil {
		return entity{}, err
	}
	u, err := userOutside(token, "", ac)
	if err != nil {
		return entity{}, err
	}
	of := op.chain()
	if err := o.weigh(u.claims, of.UserIssues(u.claims, ac.claims), o.skip, "--skip imports it nevertheless"); err != nil {
		return entity{}, err
	}
	known, err := op.store.UsersByKey(ac.name, u.claims.Subject)
	if err != nil {
		return entity{}, err
	}
	e, err := c.stageArrivedUser(op, ac, arrivedUser{u, pair}, known, o.overwrite)
	e.Changes = explicit(e.Changes)
	return e, err
}

// issuer is the account that a user says it is of. A user that a signing key has
// issued names it.
func (o *importUser) issuer(op *operator, uc *jwt.UserClaims) (*account, error) {
	public := cmp.Or(uc.IssuerAccount, uc.Issuer)
	name, ok, err := op.store.AccountByKey(public)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, withHint(fmt.Errorf("user %q: its %w", uc.Name, &jwtstore.EntityError{Kind: jwtstore.KindAccount, Name: public, Err: fs.ErrNotExist}), "import the account first with: nkeep import account --file FILE")
	}
	return op.account(name)
}
