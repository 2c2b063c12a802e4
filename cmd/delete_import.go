package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type deleteImport struct {
	*app
	account string
	from    string // whom it comes from, by name or public key
	ref     claims.ImportRef
}

func newDeleteImport(a *app) *cobra.Command {
	o := &deleteImport{app: a}
	c := &cobra.Command{
		Use:   "import [NAME]",
		Short: "Delete an import of an account",
		Long: `Delete an import of an account, named by its name or its subject, which is that of
the exporting account, and sign the account again with the key that issued it. Where
several accounts export the same, --src-account says whose is meant.`,
		Example: `  nkeep delete import -a SHOP -s "orders.>"
  nkeep delete import -a SHOP -s prices.get --src-account ORDERS`,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	nameArg(c, &o.ref.Name, "name of the import to delete")
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that imports")
	f.StringVarP(&o.ref.Subject, "subject", "s", "", "subject of the import to delete, as the other account knows it")
	f.StringVar(&o.from, "src-account", "", "account that it comes from, by name or public key")
	bindExportType(f, "a service; =false for a stream", func(t jwt.ExportType) { o.ref.Type = t })
	a.completeAccounts(c, "src-account")
	a.completeFlag(c, "subject", imported(func(im *jwt.Import) string { return string(claims.RemoteSubject(im)) }))
	a.completeName(c, imported(func(im *jwt.Import) string { return im.Name }))
	a.bindPush(c)
	return c
}

// imported lists a property of the imports of the account on the command line.
func imported(property func(*jwt.Import) string) namer {
	return ofAccount("account", func(ac *jwt.AccountClaims) []string { return properties(ac.Imports, property) })
}

func (o *deleteImport) run(ctx context.Context) error {
	var (
		gone       jwt.Import
		name, from string
	)
	e, err := o.changeAccount(ctx, o.account, func(_ *change, op *operator, ac *account) ([]claims.Change, error) {
		names := op.namesOrKeys()
		i, err := o.find(op, ac, names)
		if err != nil {
			return nil, err
		}
		gone = *ac.claims.Imports[i]
		name, from = ac.name, names(gone.Account)
		return claims.RemoveImport(ac.claims, i)
	})
	if err != nil {
		return err
	}
	e.importOf(actionDeleted, name, from, &gone)
	return o.finish(ctx, report{Entities: []entity{e}})
}

// find never guesses: the only import there is has to be named as well.
func (o *deleteImport) find(op *operator, ac *account, names func(string) string) (int, error) {
	all := claims.FindImports(ac.claims, claims.ImportRef{})
	if len(all) > 0 && o.ref.Subject == "" && o.ref.Name == "" {
		return 0, withHint(usagef("delete import: needs the subject or the name of the import"), "name it with -s SUBJECT; account %q has %s", ac.name, ac.importsAt(all, names))
	}
	if o.from != "" {
		_, public, err := op.otherAccount(o.from)
		if err != nil {
			return 0, err
		}
		o.ref.Account = public
	}
	return ac.findImport(o.ref, names)
}
