package cmd

import (
	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type revocationsDeleteActivation struct{ activationRevocations }

func newRevocationsDeleteActivation(a *app) *cobra.Command {
	o := &revocationsDeleteActivation{activationRevocations{app: a}}
	c := &cobra.Command{
		Use:     "delete-activation",
		Aliases: []string{"delete_activation"},
		Short:   "Delete a revocation of activations",
		Long: `Delete the revocation of the activations of an export that were issued for an
account, and sign the account that exports again with the key that issued it: they are
good again once it is pushed. * deletes the revocation of all accounts, and leaves
those of single ones.`,
		Example: `  nkeep revocations delete-activation -a ORDERS -s prices.get -t SHOP
  nkeep revocations delete-activation -s "orders.>" -t "*"`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.named(c); err != nil {
				return err
			}
			return o.revise(c.Context(), actionRestored, o.edit)
		},
	}
	o.bind(c)
	a.bindPush(c)
	return c
}

func (o *revocationsDeleteActivation) edit(x *jwt.Export, public string) (claims.RevocationsEdit, error) {
	if _, is := x.Revocations[public]; !is {
		return claims.RevocationsEdit{}, missingf("export %q: nothing is revoked of account %q", x.Subject, o.target)
	}
	if all, is := x.Revocations[jwt.All]; is && public != jwt.All {
		o.out.Notef("export %q: what was issued to any account until %s stays revoked", x.Subject, render.Time(all))
	} else if public == jwt.All && len(x.Revocations) > 1 {
		o.out.Notef("export %q: %s revoked by name", x.Subject, stay(len(x.Revocations)-1, "account"))
	}
	return claims.RevocationsEdit{Remove: []string{public}}, nil
}
