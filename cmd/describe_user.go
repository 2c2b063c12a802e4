package cmd

import (
	"context"
	"fmt"

	"nkeep/claims"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newDescribeUser(o *describe) *cobra.Command {
	var (
		name, account string
		expand        bool
	)
	c := &cobra.Command{
		Use:   "user [NAME]",
		Short: "Show a user",
		Long: `Show a user. With --expand, show what it may do once it has logged in, as
nats-server works it out: the template functions in the subjects of its role are
filled in with its name, its key and its tags, and those of the account. A user
without permissions has the default ones of the account.`,
		Example: `  nkeep describe user shop -a ORDERS
  nkeep describe user shop --json
  nkeep describe user shop --expand`,
		RunE: func(c *cobra.Command, _ []string) error { return o.user(c.Context(), account, name, expand) },
	}
	nameArg(c, &name, "user to show, by name or public key")
	o.bindAccount(c, &account, "account of the user")
	c.Flags().BoolVar(&expand, "expand", false, "show what the user may do in effect")
	for _, other := range []string{"raw", "field"} {
		exclusive(c, "expand", other)
	}
	o.completeName(c, userNames)
	return c
}

func (o *describe) user(ctx context.Context, account, named string, expand bool) error {
	op, ac, err := o.lookAt(ctx, account)
	if err != nil {
		return err
	}
	name, err := userNamed(op.store, ac.name, named)
	if err != nil {
		return err
	}
	u, err := o.anyUser(op, ac, name)
	if err != nil {
		return err
	}
	scope, _ := claims.ScopeOf(ac.claims, u.claims.Issuer)
	if expand {
		return o.effective(ac, u)
	}
	return o.show(u.token, u.claims, render.User(u.claims, scope, o.names(op, ac), o.env.Now()))
}

// effective shows what a user may do once it has logged in.
func (o *describe) effective(ac *account, u *user) error {
	rights, err := claims.Effective(ac.claims, u.claims)
	if err != nil {
		return fmt.Errorf("user %q: servers refuse it: %w", u.name, err)
	}
	v := render.Effective{User: u.name, PublicKey: u.claims.Subject, Account: ac.name, Rights: rights}
	if scope, ok := claims.ScopeOf(ac.claims, u.claims.Issuer); ok {
		v.Role = scope.Role
	}
	return o.deliver(v, 0o600)
}
