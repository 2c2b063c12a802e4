package cmd

import (
	"context"
	"io/fs"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type addExport struct {
	*app
	name    string
	account string
	subject string
	edit    claims.ExportEdit
}

func newAddExport(a *app) *cobra.Command {
	o := &addExport{app: a}
	c := &cobra.Command{
		Use:   "export [NAME]",
		Short: "Let other accounts import a stream or a service of an account",
		Long: `Export a subject of an account, so that other accounts can import it: a stream of
messages, or with --service a service that answers requests. Without a name the
export is named after its subject. Exports of one type must not overlap.

An export is public unless it is private: then other accounts need an activation
token. With --account-token-position, one * of the subject of a public export
stands for the account that imports it, so that none sees what is another's.`,
		Example: `  nkeep add export -s "orders.>"
  nkeep add export prices -a ORDERS -s prices.get --service --private
  nkeep add export -s "status.*" --account-token-position 2
  nkeep add export -s pay --service --latency pay.latency --sampling 10`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.subject == "" {
				return withHint(usagef("%s: needs a subject", commandName(c)), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	nameArg(c, &o.name, "name of the export; its subject unless given")
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that exports")
	f.StringVarP(&o.subject, "subject", "s", "", "subject to export")
	bindExport(c, &o.edit)
	a.bindPush(c)
	return c
}

func (o *addExport) run(ctx context.Context) error {
	if o.name != "" {
		o.edit.Name = &o.name
	}
	x, err := claims.NewExport(o.subject, o.edit)
	if err != nil {
		return badEdit(err)
	}
	e, err := o.changeExport(ctx, o.account, actionAdded, func(_ *operator, ac *account) (*jwt.Export, []claims.Change, error) {
		changes, err := claims.AddExport(ac.claims, x)
		if err != nil {
			return nil, nil, hintIf(badEdit(err), fs.ErrExist, "change it with: nkeep edit export")
		}
		return x, changes, nil
	})
	if err != nil {
		return err
	}
	return o.finish(ctx, report{Entities: []entity{e}})
}
