package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

func newUpgradeJWT(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "upgrade-jwt",
		Short: "Bring tokens of version 1 to version 2",
		Long: `Sign the tokens of the current operator, its accounts and their users again where
they have the format of version 1, which nsc wrote before 2.0: all of them in one
change, each with the key that issued it, if its seed is stored. Names, keys and
what the tokens say stay, and creds are written anew for users whose seed is
stored. Tokens of version 2 are left alone.

The tokens that are replaced are kept beside the stores, in a directory that is told.`,
		Example: "  nkeep upgrade-jwt",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.upgradeTokens(c.Context()) },
	}
}

// upgradedTokens is what was done.
type upgradedTokens struct {
	Operator string   `json:"operator"`
	Kept     string   `json:"kept,omitempty"` // the directory of what was replaced
	Entities []entity `json:"entities"`
}

// Text implements [render.View].
func (v upgradedTokens) Text(t *render.Text) {
	if len(v.Entities) == 0 {
		t.Linef("operator %q: no token has the format of version 1", v.Operator)
		return
	}
	report{Entities: v.Entities}.Text(t)
	t.Linef("kept the tokens of version 1 in %s", v.Kept)
}

func (a *app) upgradeTokens(ctx context.Context) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	v := upgradedTokens{Entities: []entity{}}
	err = w.update(ctx, func(c *change) error {
		u := &upgrade{change: c, view: &v}
		return u.all(ctx)
	})
	if err != nil {
		return err
	}
	return a.out.Show(v)
}

// upgrade stages tokens of version 2 in the place of those of version 1.
type upgrade struct {
	*change
	op   *operator
	view *upgradedTokens
}

func (u *upgrade) all(ctx context.Context) error {
	store, err := u.w.operatorStore("")
	if err != nil {
		return err
	}
	u.view.Operator = store.Name
	if err := u.operator(store); err != nil {
		return err
	}
	names, err := store.AccountNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		ac, err := u.account(name)
		if err != nil {
			return err
		}
		users, err := store.UserNames(name)
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := errors.Join(ctx.Err(), u.user(ac, user)); err != nil {
				return err
			}
		}
	}
	return nil
}

// renew reads a token; one of version 1 is signed again by whom pick chooses.
// Claims are nil for a token that is not.
func (u *upgrade) renew(file, token string, ac *jwt.AccountClaims, pick func(jwt.Claims) (signer, error)) (jwt.Claims, string, error) {
	c, old, err := claims.Upgrade(token)
	if err != nil {
		return nil, "", fmt.Errorf("file %q: %w", file, err)
	}
	if !old {
		return nil, token, nil
	}
	var oc *jwt.OperatorClaims
	if u.op != nil {
		oc = u.op.claims
	}
	if err := claims.TrustUpgraded(c, oc, ac, u.op != nil && u.op.store.Managed); err != nil {
		return nil, "", fmt.Errorf("file %q: %w", file, err)
	}
	if u.view.Kept, err = u.tokens.Keep(u.w.app.env.Now(), file, token); err != nil {
		return nil, "", err
	}
	by, err := pick(c)
	if err != nil {
		return nil, "", err
	}
	token, err = by.renew(c, "")
	return c, token, err
}

// operator upgrades the token of the operator, which must be his own to sign.
func (u *upgrade) operator(store *jwtstore.Store) error {
	token, err := store.Operator()
	if err != nil {
		return err
	}
	c, token, err := u.renew(store.OperatorPath(), token, nil, func(c jwt.Claims) (signer, error) {
		op, _ := c.(*jwt.OperatorClaims)
		if store.Managed {
			return signer{}, withHint(fmt.Errorf("operator %q: is managed elsewhere, and its token has the format of version 1", store.Name), "bring its present token with: nkeep add operator --force -u URL")
		}
		return u.w.operatorSigner(&operator{store: store, claims: op})
	})
	if err != nil {
		return err
	}
	if c == nil {
		u.op, err = u.w.operator(store.Name)
		return err
	}
	oc, _ := c.(*jwt.OperatorClaims)
	u.op = &operator{store, oc, token, u.w.app}
	e := entityOf(actionUpgraded, jwtstore.KindOperator, c)
	file, err := u.tokens.PutOperator(store.Name, token)
	e.file("token", file)
	u.view.Entities = append(u.view.Entities, e)
	return err
}

func (u *upgrade) account(name string) (*account, error) {
	token, err := u.op.store.Account(name)
	if err != nil {
		return nil, err
	}
	c, token, err := u.renew(u.op.store.AccountPath(name), token, nil, func(c jwt.Claims) (signer, error) {
		ac, _ := c.(*jwt.AccountClaims)
		return u.w.accountSigner(u.op, ac)
	})
	if err != nil {
		return nil, err
	}
	if c == nil {
		return u.op.readAccount(name)
	}
	ac, _ := c.(*jwt.AccountClaims)
	e := entityOf(actionUpgraded, jwtstore.KindAccount, c)
	e.Operator = u.op.store.Name
	file, err := u.tokens.PutAccount(u.op.store.Name, name, token)
	e.file("token", file)
	u.view.Entities = append(u.view.Entities, e)
	return &account{name, ac, token}, err
}

func (u *upgrade) user(ac *account, name string) error {
	token, err := u.op.store.User(ac.name, name)
	if err != nil {
		return err
	}
	c, token, err := u.renew(u.op.store.UserPath(ac.name, name), token, ac.claims, func(c jwt.Claims) (signer, error) {
		by, err := u.w.userSigner(u.op, ac, name, c.Claims().Issuer)
		if uc, ok := c.(*jwt.UserClaims); ok && by.public != ac.claims.Subject {
			uc.IssuerAccount = ac.claims.Subject
		}
		return by, err
	})
	if err != nil || c == nil {
		return err
	}
	uc, _ := c.(*jwt.UserClaims)
	e := entityOf(actionUpgraded, jwtstore.KindUser, c)
	e.Operator, e.Account = u.op.store.Name, ac.name
	file, err := u.tokens.PutUser(u.op.store.Name, ac.name, name, token)
	if err != nil {
		return err
	}
	e.file("token", file)
	err = u.stageArrivedCreds(u.op, ac, arrivedUser{user: &user{name, uc, token}}, &e)
	u.view.Entities = append(u.view.Entities, e)
	return err
}
