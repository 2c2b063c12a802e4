package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type deleteExport struct {
	*app
	account string
	ref     claims.ExportRef
}

func newDeleteExport(a *app) *cobra.Command {
	o := &deleteExport{app: a}
	c := &cobra.Command{
		Use:   "export [NAME]",
		Short: "Delete an export of an account",
		Long: `Delete an export of an account, named by its subject or its name, and sign the
account again with the key that issued it. What was revoked of the export is
forgotten with it. Accounts of this operator that import it are named: they stay
as they are, and get nothing from it once the account is pushed.`,
		Example: `  nkeep delete export -s "orders.>"
  nkeep delete export -a ORDERS prices`,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	nameArg(c, &o.ref.Name, "name of the export to delete")
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that exports")
	f.StringVarP(&o.ref.Subject, "subject", "s", "", "subject of the export to delete")
	bindExportType(f, "a service; =false for a stream", func(t jwt.ExportType) { o.ref.Type = t })
	a.completeExports(c)
	a.completeName(c, exported(func(x *jwt.Export) string { return x.Name }))
	a.bindPush(c)
	return c
}

// deletedExport is the report on an export that is gone, and who imports it.
type deletedExport struct {
	report
	Importers []string `json:"importers"`
}

func (o *deleteExport) run(ctx context.Context) error {
	var (
		gone jwt.Export
		op   *operator
		ac   *account
	)
	e, err := o.changeExport(ctx, o.account, actionDeleted, func(of *operator, from *account) (*jwt.Export, []claims.Change, error) {
		op, ac = of, from
		i, err := o.find(ac)
		if err != nil {
			return nil, nil, err
		}
		gone = *ac.claims.Exports[i]
		changes, err := claims.RemoveExport(ac.claims, i)
		return &gone, changes, err
	})
	if err != nil {
		return err
	}
	r := report{Entities: []entity{e}}
	failed := o.pushChanged(ctx, &r)
	if err := o.out.Show(deletedExport{r, o.importers(op, ac, &gone)}); err != nil {
		return err
	}
	return failed
}

// find never guesses: the only export there is has to be named as well.
func (o *deleteExport) find(ac *account) (int, error) {
	all := claims.FindExports(ac.claims, claims.ExportRef{})
	if len(all) > 0 && o.ref.Subject == "" && o.ref.Name == "" {
		return 0, withHint(usagef("delete export: needs the subject or the name of the export"), "name it with -s SUBJECT; account %q has %s", ac.name, ac.exportsAt(all))
	}
	return ac.findExport(o.ref)
}

// importers names the accounts that import what is gone. What cannot be read is
// passed over with a warning: nothing can be held up by it any more.
func (o *deleteExport) importers(op *operator, from *account, gone *jwt.Export) []string {
	importers, unread, err := op.importers(from.claims.Subject, gone)
	if err != nil {
		o.out.Warnf("who imports %s %q is not known: %v", gone.Type, gone.Subject, err)
	}
	if len(unread) > 0 {
		o.out.Warnf("accounts that cannot be read may import %s %q: %s", gone.Type, gone.Subject, firstOf(unread, 20))
	}
	if len(importers) > 0 {
		o.out.Warnf("%s %q is imported by %s: that ends once account %q is pushed", gone.Type, gone.Subject, firstOf(importers, 20), from.name)
	}
	return importers
}
