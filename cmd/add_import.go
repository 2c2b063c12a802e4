package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type addImport struct {
	*app
	account string
	from    string // whom to import from, by name or public key
	source  string // of an activation
	spec    claims.ImportSpec
}

func newAddImport(a *app) *cobra.Command {
	o := &addImport{app: a}
	c := &cobra.Command{
		Use:   "import [NAME]",
		Short: "Import a stream or a service that another account exports",
		Long: `Import what another account exports: a stream of messages, or with --service a
service that answers requests. Without a name the import is named after its subject.

Say whom to import from and what, or give the activation that you were sent, which
says both. Where the other account is in this store, its export is looked up; a
private one then gets its activation on the way, if a key of that account is stored.

With --local-subject the import has another subject here. The wildcards of the
imported subject stand in it as $1, $2 and so on, each once; * takes the next one.`,
		Example: `  nkeep add import -a SHOP --src-account ORDERS --remote-subject "orders.>"
  nkeep add import -a SHOP --src-account ORDERS --remote-subject prices.get --service
  nkeep add import -a SHOP --src-account ORDERS --remote-subject "eu.*.*" -s 'at.$2.$1'
  nkeep add import -a SHOP --token prices.jwt`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.checkForm(c); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.spec.Name, "name of the import; its subject, or that of the activation, unless given")
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that imports")
	f.StringVar(&o.from, "src-account", "", "account that exports, by name or public key")
	f.StringVar(&o.spec.Subject, "remote-subject", "", "subject to import, as the other account knows it")
	f.StringVarP(&o.spec.LocalSubject, "local-subject", "s", "", "subject of the import here, if it is another")
	f.StringVarP(&o.source, "token", "u", "", "file or URL of an activation; - is standard input")
	f.BoolVar(&o.spec.Service, "service", false, "a service, which answers requests")
	f.BoolVar(&o.spec.Share, "share", false, "let a service know who asks, for its latency measurements")
	f.BoolVar(&o.spec.AllowTrace, "allow-trace", false, "let message traces go on from a stream")
	exclusive(c, "token", "src-account")
	exclusive(c, "token", "remote-subject")
	exclusive(c, "token", "service")
	a.completeAccounts(c, "src-account")
	a.completeFlag(c, "remote-subject", ofAccount("src-account", func(ac *jwt.AccountClaims) []string {
		return properties(ac.Exports, func(x *jwt.Export) string { return string(x.Subject) })
	}))
	a.bindPush(c)
	return c
}

func (o *addImport) checkForm(c *cobra.Command) error {
	if o.source == "" && (o.from == "" || o.spec.Subject == "") {
		return withHint(usagef("%s: needs an account and its subject, or an activation", commandName(c)), "for example:%s", firstExample(c))
	}
	return nil
}

func (o *addImport) run(ctx context.Context) error {
	if o.source != "" {
		if err := o.readActivation(ctx); err != nil {
			return err
		}
	}
	var (
		ac   *account
		im   *jwt.Import
		from *exporter
	)
	e, err := o.changeAccount(ctx, o.account, func(c *change, op *operator, to *account) (changes []claims.Change, err error) {
		ac = to
		if from, err = c.w.exporter(op, o.source, o.from, o.spec); err != nil {
			return nil, err
		}
		im, changes, err = o.add(from, ac)
		return changes, err
	})
	if err != nil {
		return err
	}
	e.importOf(actionAdded, ac.name, from.name, im)
	return o.finish(ctx, report{Entities: []entity{e}})
}

// readActivation takes from an activation what is imported from whom.
func (o *addImport) readActivation(ctx context.Context) error {
	token, err := o.fetchToken(ctx, o.source)
	if err != nil {
		return err
	}
	act, err := claims.ReadActivation(token)
	if err != nil {
		return fmt.Errorf("token of %q: %w", o.source, err)
	}
	o.spec.Fill(token, act)
	return nil
}

// add checks an import as far as the exporter is known, and adds it. What is wrong
// with it as such comes first: an activation is made for good imports only.
func (o *addImport) add(from *exporter, ac *account) (*jwt.Import, []claims.Change, error) {
	o.spec.Account = from.public
	im, err := claims.NewImport(o.spec)
	if err != nil {
		return nil, nil, badEdit(err)
	}
	trial := *ac.claims
	if _, err := claims.AddImport(&trial, im, o.env.Now()); err != nil {
		err = inNames(badEdit(err), map[string]string{from.public: from.name})
		return nil, nil, hintIf(err, fs.ErrExist, fmt.Sprintf("see what is imported with: nkeep describe account %q", ac.name))
	}
	if err := from.admit(im, ac); err != nil {
		return nil, nil, err
	}
	changes, err := claims.AddImport(ac.claims, im, o.env.Now())
	return im, changes, err
}
