package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type addOperator struct {
	*app
	name          string
	sys           bool
	genSigningKey bool
	source        string // of a token to import
	force         bool
	edit          claims.OperatorEdit
}

func newAddOperator(a *app) *cobra.Command {
	o := &addOperator{app: a}
	c := &cobra.Command{
		Use:   "operator NAME",
		Short: "Create an operator, or import one that somebody else runs",
		Long: `Create an operator with a new identity key, and select it. --private-key takes
an existing seed as the identity instead, and stores it.

With --url the operator's token is read from a file, a URL or a well-known
operator; its keys stay with whoever runs it, and accounts made here sign
themselves until they are handed over.`,
		Example: `  nkeep add operator ACME --sys --generate-signing-key
  nkeep add operator ACME --expiry 1y --tag prod
  nkeep add operator --url https://example.com/jwt/v1/operator`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.source != "" {
				return o.importOperator(c.Context())
			}
			if o.name == "" {
				return required(c, "operator")
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "name of the operator; * invents one")
	a.bindCertificates(c)
	f := c.Flags()
	f.BoolVarP(&o.sys, "sys", "s", false, "make a system account with a user, too")
	f.BoolVar(&o.genSigningKey, "generate-signing-key", false, "generate a signing key, with which accounts can be signed while the identity key is kept elsewhere")
	f.StringVarP(&o.source, "url", "u", "", "import the operator from this file, URL or well-known name")
	f.BoolVar(&o.force, "force", false, "with --url: replace an operator of the same name")
	bindStrings(f, &o.edit.Tags.Add, "tag", "", "add tags")
	a.bindTimes(f, &o.edit.Times)
	exclusive(c, "url", "sys")
	return c
}

func (o *addOperator) run(ctx context.Context) error {
	if o.force {
		return usagef("--force: goes with --url only")
	}
	name, err := o.newName(o.name)
	if err != nil {
		return err
	}
	w, keys, err := o.begin(ctx, nkeys.PrefixByteOperator, o.flags.privateKey)
	if err != nil {
		return err
	}
	generated, err := keys()
	if err != nil {
		return err
	}
	identity := generated[0]
	if identity.pair == nil {
		return withHint(usagef("operator %q: the seed of %s is needed to sign it, and is not stored", name, identity.public), "give the seed, or a file that holds it, with -K")
	}
	if err := w.refuseOwn(name); err != nil {
		return err
	}
	made := newOperator{name: name, identity: identity, edit: o.edit}
	if o.genSigningKey {
		if made.signing, err = o.newKey(nkeys.PrefixByteOperator); err != nil {
			return err
		}
	}
	if o.sys {
		if made.system, err = o.newSystem(); err != nil {
			return err
		}
	}
	var r report
	err = w.update(ctx, func(c *change) error {
		if err := o.refuseTaken(w, identity.public, ""); err != nil {
			return err
		}
		r, err = made.stage(c)
		if err != nil {
			return err
		}
		return c.choose(name, made.selectedAccount())
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "list operators with: nkeep list operators")
	}
	return o.out.Show(r)
}

// refuseOwn refuses names of operators that nkeep's own directories have where all
// of them are one.
func (w *workspace) refuseOwn(name string) error {
	if w.places.Stores.Path == w.places.Keys.Path && slices.Contains([]string{"keys", "creds", "nsc.json"}, name) {
		return usagef("operator %q: in a directory for everything, that name is taken by nkeep's own files", name)
	}
	return nil
}

// refuseTaken makes sure that an identity that was given is no other operator's
// than the one named.
func (a *app) refuseTaken(w *workspace, public, operator string) error {
	if a.flags.privateKey == "" {
		return nil
	}
	names, err := w.root.Operators()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != operator && w.operatorItem(name).Head.Subject == public {
			err := &jwtstore.EntityError{Kind: jwtstore.KindOperator, Name: public, Err: fs.ErrExist}
			return fmt.Errorf("%w, as %q", err, name)
		}
	}
	return nil
}

// newOperator is a complete operator that is about to be written.
type newOperator struct {
	name     string
	identity key
	signing  key // empty for none
	edit     claims.OperatorEdit
	system   *newSystem // nil for none
}

// signer is the key that signs the operator's accounts.
func (n newOperator) signer() signer {
	if n.signing.pair != nil {
		return signerOf(n.signing.public, n.signing.pair)
	}
	return signerOf(n.identity.public, n.identity.pair)
}

func (n newOperator) selectedAccount() string {
	if n.system == nil {
		return ""
	}
	return claims.SystemAccountName
}

func (n newOperator) stage(c *change) (report, error) {
	oc := claims.NewOperator(n.identity.public, n.name)
	if n.signing.pair != nil {
		n.edit.SigningKeys.Add = append(n.edit.SigningKeys.Add, n.signing.public)
	}
	if n.system != nil {
		n.edit.SystemAccount = &n.system.account.public
	}
	if _, err := n.edit.Apply(oc, c.w.app.env.Now()); err != nil {
		return report{}, usageError{err}
	}
	token, err := signerOf(n.identity.public, n.identity.pair).encode(oc)
	if err != nil {
		return report{}, err
	}
	e := entityOf(actionAdded, jwtstore.KindOperator, oc)
	file, err := c.tokens.AddOperator(n.name, token, false)
	if err != nil {
		return report{}, err
	}
	e.file("token", file)
	if err := c.put(n.identity, "key", &e); err != nil {
		return report{}, err
	}
	if n.signing.pair != nil {
		if err := c.putSigningKeys([]key{n.signing}, &e); err != nil {
			return report{}, err
		}
	}
	r := report{Entities: []entity{e}}
	if n.system != nil {
		made, err := n.system.stage(c, n.name, n.signer())
		if err != nil {
			return report{}, err
		}
		r.Entities = append(r.Entities, made...)
	}
	return r, nil
}

// entityOf begins the report about something that was signed.
func entityOf(action, kind string, c jwt.Claims) entity {
	data := c.Claims()
	return entity{Action: action, Kind: kind, Name: data.Name, PublicKey: data.Subject, Issuer: data.Issuer, Expires: render.Time(data.Expires)}
}

// newName checks the name of something new; * invents one.
func (a *app) newName(name string) (string, error) {
	if name == "*" {
		return a.inventName()
	}
	if err := jwtstore.CheckName(name); err != nil {
		return "", usageError{fmt.Errorf("new %w", err)}
	}
	if nkeys.IsValidPublicKey(name) || keystore.Redact(name) != name {
		return "", usagef("new name: looks like a key; names stand where keys may, too")
	}
	return name, nil
}
