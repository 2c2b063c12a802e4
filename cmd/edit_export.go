package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type editExport struct {
	*app
	account   string
	ref       claims.ExportRef
	edit      claims.ExportEdit
	rmLatency bool
}

func newEditExport(a *app) *cobra.Command {
	o := &editExport{app: a}
	c := &cobra.Command{
		Use:   "export [NAME]",
		Short: "Change an export of an account",
		Long: `Change an export of an account, and sign the account again with the key that
issued it. Values that are not named stay as they are, among them what was
revoked; when nothing changes, nothing is signed, unless --private-key names the
key to sign with from now on.

The export is named by its subject or its name, and need not be when there is
one only. The subject itself cannot be changed. Where a service and a stream
share a subject, --service says which of them is meant, --service=false the
stream; elsewhere it turns the one into the other.`,
		Example: `  nkeep edit export -s "orders.>" --private
  nkeep edit export -a ORDERS prices --response-type Stream --description "all prices"
  nkeep edit export -s pay --rm-latency-sampling`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.rmLatency {
				o.edit.Latency.Subject = new("")
			}
			if o.edit.Empty() && a.flags.privateKey == "" && !givenNothing(c) {
				return nothingToEdit(c)
			}
			return o.run(c.Context())
		},
	}
	optionalArg(c, &o.ref.Name)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that exports")
	f.StringVarP(&o.ref.Subject, "subject", "s", "", "subject of the export to change")
	bindString(f, &o.edit.Name, "name", "n", "new name of the export; empty for its subject")
	bindExport(c, &o.edit)
	f.BoolVar(&o.rmLatency, "rm-latency-sampling", false, "publish no latency any more")
	exclusive(c, "rm-latency-sampling", "latency")
	exclusive(c, "rm-latency-sampling", "sampling")
	a.completeExports(c)
	c.ValidArgsFunction = a.complete(exported(func(x *jwt.Export) string { return x.Name }))
	a.bindPush(c)
	return c
}

func (o *editExport) run(ctx context.Context) error {
	e, err := o.changeExport(ctx, o.account, actionEdited, func(op *operator, ac *account) (*jwt.Export, []claims.Change, error) {
		ref := o.ref
		if o.edit.Type != nil && len(claims.FindExports(ac.claims, ref)) > 1 {
			ref.Type = *o.edit.Type
		}
		i, err := ac.findExport(ref)
		if err != nil {
			return nil, nil, err
		}
		before := *ac.claims.Exports[i]
		changes, err := claims.EditExport(ac.claims, i, o.edit)
		if err != nil {
			return nil, nil, badEdit(err)
		}
		o.warnImporters(op, ac, &before, ac.claims.Exports[i])
		return ac.claims.Exports[i], changes, nil
	})
	if err != nil {
		return err
	}
	return o.finish(ctx, report{Entities: []entity{e}})
}

// warnImporters names the accounts whose imports an edit ends, or may end. What
// cannot be read is passed over: it is the edit that was asked for.
func (o *editExport) warnImporters(op *operator, ac *account, before, after *jwt.Export) {
	isPrivate := after.TokenReq && !before.TokenReq
	if before.Type == after.Type && !isPrivate {
		return
	}
	importers, _, err := op.importers(ac.claims.Subject, before)
	switch {
	case err != nil:
		o.out.Warnf("who imports %s %q is not known: %v", before.Type, before.Subject, err)
	case len(importers) == 0:
	case before.Type != after.Type:
		o.out.Warnf("%s %q is imported by %s: that ends once account %q is pushed, for it is a %s from now on", before.Type, before.Subject, firstOf(importers, 20), ac.name, after.Type)
	default:
		o.out.Warnf("%s %q is imported by %s: without an activation that ends once account %q is pushed; make one with: nkeep generate activation -a %q", before.Type, before.Subject, firstOf(importers, 20), ac.name, ac.name)
	}
}
