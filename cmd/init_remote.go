package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
)

// runRemote begins with an operator that somebody else runs: its token, and an
// account that it signs with a user.
func (o *initCommand) runRemote(ctx context.Context, name string) error {
	if o.remote != "" {
		known, ok := o.wellKnownURL(o.remote)
		if !ok {
			return o.errUnknownOperator(o.remote)
		}
		o.url = known
	}
	r, err := o.fetchOperator(ctx, o.url)
	if err != nil {
		return err
	}
	if _, err := r.accountServer(); err != nil {
		return err
	}
	w, err := o.openAt(ctx, o.dir)
	if err != nil {
		return err
	}
	n, err := o.newTenant(name)
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		done, err = n.stage(c, r)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, "add an account to it with: nkeep add account NAME")
	}
	o.out.Notef("next: nkeep tool rtt, which logs in as user %q", name)
	return o.out.Show(report{Entities: done})
}

// tenant is an account, and its user, under an operator that somebody else runs.
type tenant struct {
	name                   string // of both
	account, signing, user key
}

func (a *app) newTenant(name string) (*tenant, error) {
	n := &tenant{name: name}
	for _, k := range []struct {
		to   *key
		kind nkeys.PrefixByte
	}{{&n.account, nkeys.PrefixByteAccount}, {&n.signing, nkeys.PrefixByteAccount}, {&n.user, nkeys.PrefixByteUser}} {
		var err error
		if *k.to, err = a.newKey(k.kind); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// stage writes operator, account and user, after the account was handed over. A
// strict operator does not let the identity of the account sign users.
func (n *tenant) stage(c *change, r remoteOperator) ([]entity, error) {
	operator, err := c.stageOperator(r)
	if err != nil {
		return nil, err
	}
	ac, uc, by := claims.NewAccount(n.account.public, n.name), claims.NewUser(n.user.public, n.name), n.account
	if r.claims.StrictSigningKeyUsage {
		by, uc.IssuerAccount = n.signing, n.account.public
		ac.SigningKeys.Add(n.signing.public)
	}
	token, err := signerOf(n.account.public, n.account.pair).encode(ac)
	if err != nil {
		return nil, err
	}
	account, err := c.stageAccount(r.name, signedAccount{n.account, ac, token})
	if err != nil {
		return nil, err
	}
	if r.claims.StrictSigningKeyUsage {
		if err := c.putSigningKeys([]key{n.signing}, &account); err != nil {
			return nil, err
		}
	}
	user, err := c.addUser(r.name, n.name, n.user, uc, signerOf(by.public, by.pair))
	if err != nil {
		return nil, err
	}
	if err := c.choose(r.name, n.name); err != nil {
		return nil, err
	}
	err = c.handOver(r.managed(c.w.app), signedHere{n.name, ac, token, ""}, &account)
	return []entity{operator, account, user}, err
}

// stageOperator writes an operator that somebody else runs.
func (c *change) stageOperator(r remoteOperator) (entity, error) {
	e := entityOf(actionImported, jwtstore.KindOperator, r.claims)
	e.Name = r.name
	if err := jwtstore.CheckName(r.name); err != nil {
		return e, fmt.Errorf("new operator: %w", err)
	}
	file, err := c.tokens.AddOperator(r.name, r.token, true)
	e.file("token", file)
	return e, err
}
