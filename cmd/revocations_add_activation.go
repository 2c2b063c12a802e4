package cmd

import (
	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type revocationsAddActivation struct {
	activationRevocations
	spec revocationSpec
}

func newRevocationsAddActivation(a *app) *cobra.Command {
	o := &revocationsAddActivation{activationRevocations: activationRevocations{app: a}}
	c := &cobra.Command{
		Use:     "add-activation",
		Aliases: []string{"add_activation"},
		Short:   "Revoke activations of a private export",
		Long: `Revoke the activations of an export that were issued for an account until now, or
until the time of --at, and sign the account that exports again with the key that
issued it. What is issued later is good again. Push the account to make it effective
on running servers.

The subject may be a part of the export; it is always the activations of all of the
export that are revoked. * stands for all accounts that import it. A time moves on
only: to set an earlier one delete the revocation first.`,
		Example: `  nkeep revocations add-activation -a ORDERS -s prices.get -t SHOP
  nkeep revocations add-activation -s "orders.>" -t "*" --at 2026-03-31T12:00:00Z`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.named(c); err != nil {
				return err
			}
			return o.revise(c.Context(), actionRevoked, o.edit)
		},
	}
	o.bind(c)
	a.bindRevocationSpec(&o.spec, c.Flags())
	a.bindPush(c)
	return c
}

func (o *revocationsAddActivation) edit(x *jwt.Export, public string) (claims.RevocationsEdit, error) {
	now := o.env.Now().Unix()
	at := now
	if o.spec.at != nil {
		at = *o.spec.at
	}
	if at > now {
		o.out.Warnf("export %q: the time lies ahead: what is issued until then is revoked, too", x.Subject)
	}
	if !x.TokenReq {
		o.out.Warnf("export %q: is public: accounts import it without an activation, and go on doing so", x.Subject)
	}
	if o.subject != "" && o.subject != string(x.Subject) {
		o.out.Warnf("export %q: all of its activations for this account are revoked, not only those of %q", x.Subject, o.subject)
	}
	return claims.RevocationsEdit{Add: map[string]int64{public: at}}, nil
}
