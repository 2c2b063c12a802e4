package cmd

import (
	"context"
	"errors"
	"strings"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type revocationsAddUser struct {
	revocations
	spec revocationSpec
}

// revocationSpec is what flags, or a line of a file, ask of a revocation.
type revocationSpec struct {
	at *int64 // Unix seconds; nil for now
}

// selector names users that are to be revoked, by name, public key or * for all.
type selector struct {
	line
	at int64 // in Unix seconds: what was issued until then is revoked
}

func newRevocationsAddUser(a *app) *cobra.Command {
	o := &revocationsAddUser{revocations: revocations{app: a}}
	c := &cobra.Command{
		Use:     "add-user NAME...",
		Aliases: []string{"add_user"},
		Short:   "Revoke credentials of users",
		Long: `Revoke what was issued to users until now, or until the time of --at, and sign
their account again with the key that issued it. What is issued to them later is
good again. Push the account to make it effective on running servers.

Users are given by name or by public key, and need not exist any more; * stands
for all users of the account, also for those to come if --at lies ahead. A time
moves on only: to set an earlier one delete the revocation first.

With --from they come from a file, or from stdin: a name on each line, or CSV or
JSON Lines with the fields name and at.`,
		Example: `  nkeep revocations add-user shop -a ORDERS
  nkeep revocations add-user -u "*" --at 2026-03-31T12:00:00Z
  nkeep revocations add-user shop desk --at 1774958400`,
		RunE: func(c *cobra.Command, _ []string) error {
			names, err := o.named(c)
			if err != nil {
				return err
			}
			list, err := o.selectors(c.Context(), names)
			if err != nil {
				return err
			}
			return o.revise(c.Context(), func(c *change, op *operator, ac *account, users *accountUsers) ([]entity, error) {
				return o.stage(c, op, ac, users, list)
			})
		},
	}
	o.bind(c)
	a.bindRevocationSpec(&o.spec, c.Flags())
	a.bindPush(c)
	return c
}

func (a *app) bindRevocationSpec(s *revocationSpec, f *pflag.FlagSet) {
	parse := func(v string) (int64, error) { return claims.ParseMoment(v, a.env.Now()) }
	f.Var(optional[int64]{&s.at, parse, "date-time"}, "at", "revoke what was issued until then: Unix seconds, or a time as 2026-03-31T12:00:00Z; 0 for now")
}

// selectors gives every name the time of its line, or else that of the command.
func (o *revocationsAddUser) selectors(ctx context.Context, names []string) ([]selector, error) {
	b := batch{names: names, from: o.from}
	lines, err := b.lines(ctx, o.app)
	if err != nil {
		return nil, err
	}
	list := make([]selector, 0, len(lines))
	for _, ln := range lines {
		spec, err := specOf(o.spec, ln, o.bindRevocationSpec)
		if err != nil {
			return nil, err
		}
		at := o.env.Now().Unix()
		if spec.at != nil {
			at = *spec.at
		}
		list = append(list, selector{ln, at})
	}
	return list, nil
}

// stage revokes all that is selected, with one signature.
func (o *revocationsAddUser) stage(c *change, op *operator, ac *account, users *accountUsers, list []selector) ([]entity, error) {
	var (
		targets []revokee
		errs    []error
		edit    = claims.RevocationsEdit{Add: map[string]int64{}}
	)
	for _, s := range list {
		r, err := users.revokee(s.name)
		errs = append(errs, s.wrap(err))
		if _, again := edit.Add[r.key]; !again {
			targets = append(targets, r)
		}
		edit.Add[r.key] = max(edit.Add[r.key], s.at)
	}
	if err := firstErrors(errs); err != nil {
		return nil, err
	}
	before := ac.claims.Revocations
	signed, err := c.reviseAccount(op, ac, edit)
	if errors.As(err, new(claims.SizeError)) {
		return nil, withHint(err, "revoke all users at once instead: nkeep revocations add-user -a %q -u \"*\"", ac.name)
	}
	if err != nil {
		names := map[string]string{}
		for _, r := range targets {
			names[r.key] = r.name
		}
		return nil, withHint(inNames(err, names), "see what is revoked with: nkeep revocations list-users -a %q", ac.name)
	}
	done := make([]entity, 0, len(targets)+1)
	for _, r := range targets {
		action := actionRevoked
		if before[r.key] == ac.claims.Revocations[r.key] {
			action = actionUnchanged
		}
		o.warn(r, users, edit.Add[r.key])
		done = append(done, r.entity(action, op, ac))
	}
	return append(done, signed), nil
}

// warn tells of revocations that mean more or less than one might think.
func (o *revocationsAddUser) warn(r revokee, users *accountUsers, at int64) {
	if at > o.env.Now().Unix() {
		o.out.Warnf("user %q: the time lies ahead: what is issued until then is revoked, too", r.name)
	}
	if r.key == jwt.All {
		return
	}
	if r.issued > at {
		o.out.Warnf("user %q: its present token was issued later, at %s, and goes on working", r.name, render.Time(r.issued))
	}
	if others := users.sharing(r.key, r.name); len(others) > 0 {
		o.out.Warnf("user %q: has the same key, and is revoked with it: %s", r.name, strings.Join(others, ", "))
	}
}
