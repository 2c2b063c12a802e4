package cmd

import (
	"context"
	"maps"
	"slices"
	"time"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

func newRevocationsListActivations(a *app) *cobra.Command {
	o := &activationRevocations{app: a}
	c := &cobra.Command{
		Use:     "list-activations",
		Aliases: []string{"list_activations"},
		Short:   "List the revocations of activations",
		Long: `List which activations are revoked: of all exports of an account, or of the one that
contains the subject, for whom, and until when they were issued. Where none is, the
list is empty, which is no failure.`,
		Example: "  nkeep revocations list-activations -a ORDERS\n  nkeep revocations list-activations -s prices.get --json | jq -r '.[].public_key'",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.list(c.Context()) },
	}
	o.bindExport(c)
	return c
}

// revokedActivation is one revocation of activations.
type revokedActivation struct {
	PublicKey string      `json:"public_key"` // of the account that imports, or * for all
	Account   string      `json:"account"`    // its name; empty if it is not in the store
	Subject   string      `json:"subject"`    // of the export
	Type      string      `json:"type"`
	At        render.Time `json:"revoked_at"` // what was issued until then is revoked
	now       time.Time
}

// Row implements [render.Entry].
func (r revokedActivation) Row() render.Row {
	name := r.Account
	if r.PublicKey == jwt.All {
		name = "all accounts"
	}
	return render.Row{Cells: []string{r.Subject, r.Type, r.PublicKey, name, r.At.When(r.now, "")}}
}

func (o *activationRevocations) list(ctx context.Context) error {
	op, ac, err := (&describe{app: o.app}).lookAt(ctx, o.account)
	if err != nil {
		return err
	}
	exports := claims.FindExports(ac.claims, claims.ExportRef{Type: o.kind})
	if o.subject != "" {
		i, err := ac.exportWith(o.subject, o.kind)
		if err != nil {
			return err
		}
		exports = []int{i}
	}
	entries := o.revoked(op, ac, exports)
	if len(entries) == 0 {
		o.out.Notef("account %q has no activation revoked", ac.name)
	}
	return o.out.Show(render.List[revokedActivation]{
		Title:   "Revoked activations of " + ac.name,
		Columns: []render.Column{{Name: "Export"}, {Name: "Type"}, {Name: "Public Key", ID: true}, {Name: "Name"}, {Name: "Issued Until"}},
		Entries: func(yield func(revokedActivation, error) bool) {
			for _, r := range entries {
				if !yield(r, nil) {
					return
				}
			}
		},
	})
}

func (o *activationRevocations) revoked(op *operator, ac *account, exports []int) []revokedActivation {
	var out []revokedActivation
	names := op.namesOrKeys()
	for _, i := range exports {
		x := ac.claims.Exports[i]
		for _, key := range slices.Sorted(maps.Keys(x.Revocations)) {
			name := ""
			if key != jwt.All && names(key) != key {
				name = names(key)
			}
			out = append(out, revokedActivation{key, name, string(x.Subject), x.Type.String(), render.Time(x.Revocations[key]), o.env.Now()})
		}
	}
	return out
}
