package cmd

import (
	"context"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

// activationRevocations is what the commands share that change which activations
// are revoked.
type activationRevocations struct {
	*app
	account string
	subject string
	target  string
	kind    jwt.ExportType
}

// bind binds the ways to say whose activations of what are meant.
func (o *activationRevocations) bind(c *cobra.Command) {
	c.Args = noArgs
	o.bindExport(c)
	c.Flags().StringVarP(&o.target, "target-account", "t", "", "account that imports, by name or public key; * for all accounts")
	o.completeAccounts(c, "target-account")
}

func (o *activationRevocations) bindExport(c *cobra.Command) {
	f := c.Flags()
	o.bindAccount(c, &o.account, "account that exports")
	f.StringVarP(&o.subject, "subject", "s", "", "subject of the export, or a part of it; may be left out when there is one only")
	bindService(f, "", "a service; =false for a stream", func(t jwt.ExportType) { o.kind = t })
	o.completeExports(c)
}

// named makes sure that it need not be guessed whose activations are meant.
func (o *activationRevocations) named(c *cobra.Command) error {
	if o.target == "" {
		return withHint(usagef("%s: needs an account that imports, or * for all", commandName(c)), "for example:%s", firstExample(c))
	}
	return nil
}

// export is the index of the export that contains the subject, or of the only one
// there is.
func (o *activationRevocations) export(ac *account) (int, error) {
	if o.subject == "" {
		return ac.findExport(claims.ExportRef{Type: o.kind})
	}
	return ac.exportWith(o.subject, o.kind)
}

// importer is whose activations are meant, by name and by public key.
func (o *activationRevocations) importer(op *operator) (name, public string, err error) {
	if o.target == jwt.All {
		return jwt.All, jwt.All, nil
	}
	return op.otherAccount(o.target)
}

// revise changes what is revoked of one export, and says how to make that effective.
// edit gets the export and the importer's public key. The report has the account
// behind the activation.
func (o *activationRevocations) revise(ctx context.Context, action string, edit func(x *jwt.Export, public string) (claims.RevocationsEdit, error)) error {
	var done entity
	signed, err := o.changeAccount(ctx, o.account, func(_ *change, op *operator, ac *account) ([]claims.Change, error) {
		name, public, err := o.importer(op)
		if err != nil {
			return nil, err
		}
		i, err := o.export(ac)
		if err != nil {
			return nil, err
		}
		x := ac.claims.Exports[i]
		done = entity{Action: action, Kind: "activation", Name: name, Operator: op.store.Name, Account: ac.name, Subject: string(x.Subject), PublicKey: public}
		e, err := edit(x, public)
		if err != nil {
			return nil, withHint(err, "see what is revoked with: nkeep revocations list-activations -a %q", ac.name)
		}
		changes, err := claims.EditExport(ac.claims, i, claims.ExportEdit{Revocations: e})
		if err != nil {
			return nil, withHint(inNames(badEdit(err), map[string]string{public: name}), "see what is revoked with: nkeep revocations list-activations -a %q", ac.name)
		}
		if len(changes) == 0 {
			done.Action = actionUnchanged
		}
		done.Revoked = render.Time(ac.claims.Exports[i].Revocations[public])
		return changes, nil
	})
	if err != nil {
		return err
	}
	if signed.Action != actionUnchanged && !o.pushes.wanted() {
		o.out.Notef("servers act on it once they have the account: nkeep push -a %q", done.Account)
	}
	return o.finish(ctx, report{Entities: []entity{done, signed}})
}
