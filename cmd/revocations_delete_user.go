package cmd

import (
	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type revocationsDeleteUser struct{ revocations }

func newRevocationsDeleteUser(a *app) *cobra.Command {
	o := &revocationsDeleteUser{revocations{app: a}}
	c := &cobra.Command{
		Use:     "delete-user NAME...",
		Aliases: []string{"delete_user"},
		Short:   "Delete revocations of users",
		Long: `Delete revocations of users, given by name or by public key, and sign their account
again with the key that issued it: their creds are good again once the account is
pushed. * deletes the revocation of all users, and leaves those of single ones.`,
		Example: `  nkeep revocations delete-user shop -a ORDERS
  nkeep revocations delete-user -u "*"`,
		RunE: func(c *cobra.Command, _ []string) error {
			names, err := o.named(c)
			if err != nil {
				return err
			}
			lines, err := o.namesFrom(c.Context(), names, o.from)
			if err != nil {
				return err
			}
			return o.revise(c.Context(), func(c *change, op *operator, ac *account, users *accountUsers) ([]entity, error) {
				return o.stage(c, op, ac, users, lines)
			})
		},
	}
	o.bind(c)
	a.bindPush(c)
	return c
}

// stage deletes the revocations of all that are named, with one signature.
func (o *revocationsDeleteUser) stage(c *change, op *operator, ac *account, users *accountUsers, lines []line) ([]entity, error) {
	var (
		done []entity
		errs []error
		edit claims.RevocationsEdit
		seen = map[string]bool{}
	)
	for _, ln := range lines {
		r, err := users.revokee(ln.name)
		if _, is := ac.claims.Revocations[r.key]; err == nil && !is {
			err = missingf("user %q: is not revoked in account %q", r.name, ac.name)
		}
		errs = append(errs, ln.wrap(err))
		if !seen[r.key] {
			seen[r.key] = true
			edit.Remove = append(edit.Remove, r.key)
			e := r.entity(actionRestored, op, ac)
			e.Revoked = 0
			done = append(done, e)
		}
	}
	if err := firstErrors(errs); err != nil {
		return nil, withHint(err, "see what is revoked with: nkeep revocations list-users -a %q", ac.name)
	}
	signed, err := c.reviseAccount(op, ac, edit)
	if err != nil {
		return nil, err
	}
	rest := ac.claims.Revocations
	if all, is := rest[jwt.All]; is {
		o.out.Notef("what was issued to any user until %s stays revoked; that goes with: nkeep revocations delete-user -a %q \"*\"", render.Time(all), ac.name)
	} else if seen[jwt.All] && len(rest) > 0 {
		o.out.Notef("%s revoked by name", stay(len(rest), "user"))
	}
	return append(done, signed), nil
}
