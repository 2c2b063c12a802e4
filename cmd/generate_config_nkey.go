package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// runNkey generates a configuration that needs no tokens.
func (o *generateConfig) runNkey(ctx context.Context, op *operator) error {
	if o.conf.ResolverDir != "" || o.conf.AllowDelete {
		return usagef("--resolver-dir, --allow-delete: go with a resolver, of which --nkey has none")
	}
	conf := render.NkeyConfig{Operator: op.store.Name, Listen: o.conf.Listen, JetStreamDir: o.conf.JetStreamDir, Now: o.env.Now()}
	system, err := o.system(op)
	if err != nil {
		return err
	}
	conf.System = system.ID
	accounts, err := op.allAccounts(ctx)
	if err != nil {
		return err
	}
	conf.Accounts = make([]render.NkeyAccount, len(accounts))
	left := make([][]string, len(accounts))
	err = inParallel(ctx, len(accounts), func(i int) (err error) {
		conf.Accounts[i], left[i], err = o.nkeyAccount(op, accounts[i].Name)
		return err
	})
	if err != nil {
		return err
	}
	data, lost, err := conf.Encode()
	if err != nil {
		return usageError{err}
	}
	for _, users := range left {
		if len(users) > 0 {
			o.out.Warnf("left out, because servers refuse them: %s", strings.Join(users, "; "))
		}
	}
	if len(lost) > 0 {
		o.out.Warnf("a configuration cannot say: %s", strings.Join(lost, "; "))
	}
	return o.deliver(configView{"nkey", string(data)})
}

// nkeyAccount reads an account and its users. Those whom a server would not let in
// by their tokens are left out, and named.
func (o *generateConfig) nkeyAccount(op *operator, name string) (out render.NkeyAccount, left []string, err error) {
	ac, err := op.readAccount(name)
	if err != nil {
		return out, nil, err
	}
	out = render.NkeyAccount{Name: name, Claims: ac.claims}
	names, err := op.store.UserNames(name)
	if err != nil {
		return out, nil, err
	}
	for _, name := range names {
		u, err := op.readUser(ac, name)
		if err != nil {
			return out, nil, err
		}
		rights, err := claims.Effective(ac.claims, u.claims)
		if why := o.refusal(ac.claims, u.claims, err); why != "" {
			left = append(left, fmt.Sprintf("user %q of account %q: %s", name, ac.name, why))
			continue
		}
		out.Users = append(out.Users, render.NkeyUser{Name: name, Key: u.claims.Subject, Rights: rights, Expires: u.claims.Expires != 0})
	}
	return out, left, nil
}

// refusal says why a server would not let a user in by its token.
func (o *generateConfig) refusal(ac *jwt.AccountClaims, u *jwt.UserClaims, err error) string {
	switch standing := claims.StandingAt(u.Claims(), o.env.Now().Unix()); {
	case err != nil:
		return err.Error()
	case standing.Level != "":
		return standing.String()
	case ac.Revocations.IsRevoked(u.Subject, time.Unix(u.IssuedAt, 0)):
		return "is revoked"
	}
	return ""
}
