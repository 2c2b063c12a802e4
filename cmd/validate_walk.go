package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// inspection goes through what the stores hold of one operator. Each file is
// opened once, each token decoded and verified once; those who issued it are
// judged before those they issued, which are judged several at a time.
type inspection struct {
	view  *validateView
	store *jwtstore.Store
	ring  *keystore.Ring
	crew  crew
	judge claims.Chain
}

// operator judges the operator. If it cannot be read, its accounts are judged by
// themselves: one flaw says why, and not ten thousand.
func (i *inspection) operator() {
	of := flaw{Kind: jwtstore.KindOperator, Name: i.store.Name, File: i.store.OperatorPath(), What: whatToken}
	i.view.count(func(c *validated) { c.Operators++ })
	token, err := i.store.Operator()
	if err != nil {
		i.view.add(of.failed(err))
		return
	}
	oc, err := claims.ReadOperator(token)
	if err != nil {
		i.view.add(of.failed(err))
		return
	}
	of.PublicKey = oc.Subject
	i.judge.Operator = oc
	i.view.issues(of, i.judge.OperatorIssues(oc))
	if !i.store.Managed { // an imported one may go by another name here
		i.named(of, oc.Name)
	}
	i.keys(of, append([]string{oc.Subject}, oc.SigningKeys...))
}

// account judges an account and its users.
func (i *inspection) account(ctx context.Context, tokens *jwtstore.Tokens, name string) {
	of := flaw{Kind: jwtstore.KindAccount, Name: name, File: i.store.AccountPath(name), What: whatToken}
	ac, missing := i.accountClaims(of, tokens)
	users, err := i.store.UserTokens(name)
	if err != nil {
		i.view.add(of.says(severityError, "its users cannot be listed: "+err.Error()))
		return
	}
	defer users.Close()
	switch {
	case missing && len(users.Names()) == 0:
		i.view.add(of.says(severityNote, "its directory holds neither a token nor users"))
		return
	case missing:
		i.view.add(of.says(severityError, "its directory holds users and no token"))
	}
	i.view.count(func(c *validated) { c.Accounts++ })
	names := users.Names()
	_ = i.crew.each(ctx, len(names), func(n int) { i.user(users, ac, name, names[n]) }) // whoever waits for all accounts sees that ctx ended
}

// accountClaims are those of an account, nil when they cannot be read.
func (i *inspection) accountClaims(of flaw, tokens *jwtstore.Tokens) (ac *jwt.AccountClaims, missing bool) {
	token, err := tokens.Read(of.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	if err == nil {
		ac, err = claims.ReadAccount(token)
	}
	if err != nil {
		i.view.add(of.failed(err))
		return nil, false
	}
	of.PublicKey = ac.Subject
	i.view.issues(of, i.judge.AccountIssues(ac))
	i.named(of, ac.Name)
	keys := append([]string{ac.Subject}, ac.SigningKeys.Keys()...)
	if x := ac.Authorization.XKey; x != "" {
		keys = append(keys, x)
	}
	i.keys(of, keys)
	return ac, false
}

// user judges a user, its key and its creds.
func (i *inspection) user(tokens *jwtstore.Tokens, ac *jwt.AccountClaims, account, name string) {
	of := flaw{Kind: jwtstore.KindUser, Name: name, Account: account, File: i.store.UserPath(account, name), What: whatToken}
	token, err := tokens.Read(name)
	if errors.Is(err, fs.ErrNotExist) { // deleted since it was listed
		return
	}
	i.view.count(func(c *validated) { c.Users++ })
	if err != nil {
		i.view.add(of.failed(err))
		return
	}
	uc, err := claims.ReadUser(token)
	if err != nil {
		i.view.add(of.failed(err))
		return
	}
	of.PublicKey = uc.Subject
	i.view.issues(of, i.judge.UserIssues(uc, ac))
	i.named(of, uc.Name)
	kp := i.key(of, uc.Subject)
	i.creds(of, token, kp)
	if kp != nil {
		kp.Wipe()
	}
}

// named compares the name in a claim with that of its file or directory, by
// which every command finds it.
func (i *inspection) named(of flaw, name string) {
	if strings.TrimSpace(name) != strings.TrimSpace(of.Name) {
		of.Field = "name"
		i.view.add(of.says(severityWarning, fmt.Sprintf("is named %q in its token", name)))
	}
}

func (i *inspection) keys(of flaw, publics []string) {
	for _, public := range publics {
		if kp := i.key(of, public); kp != nil {
			kp.Wipe()
		}
	}
}

// key makes sure that the seed stored for a public key is its own. The pair is
// nil when there is none that is fit for use.
func (i *inspection) key(of flaw, public string) nkeys.KeyPair {
	if !nkeys.IsValidPublicKey(public) {
		return nil // the claims are at fault, and judged
	}
	kp, err := i.ring.Get(public)
	if errors.Is(err, fs.ErrNotExist) {
		i.view.count(func(c *validated) { c.KeysMissing++ })
		return nil
	}
	i.view.count(func(c *validated) { c.Keys++ })
	if err != nil {
		of.What, of.PublicKey, of.File = whatKey, public, i.ring.Path(public)
		i.view.add(of.failed(err))
		return nil
	}
	return kp
}

// creds makes sure that a user's creds hold its present token and its seed.
func (i *inspection) creds(of flaw, token string, kp nkeys.KeyPair) {
	err := i.ring.CheckCreds(i.store.Name, of.Account, of.Name, token, of.PublicKey, kp)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	i.view.count(func(c *validated) { c.Creds++ })
	of.What, of.File = whatCreds, i.ring.CredsPath(i.store.Name, of.Account, of.Name)
	switch {
	case errors.Is(err, keystore.ErrStale):
		i.view.add(of.says(severityWarning, err.Error()))
	case err != nil:
		i.view.add(of.failed(err))
	}
}
