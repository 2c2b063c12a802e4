package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// outgoing is an account on its way to servers.
type outgoing struct {
	name   string // in the store
	head   jwtstore.Head
	token  string
	claims *jwt.AccountClaims // nil until it has been judged
}

func (o *outgoing) account() resolver.Account {
	return resolver.Account{ID: o.head.Subject, Token: o.token}
}

// outgoing reads an account that is to be pushed.
func (o *operator) outgoing(name string) (*outgoing, error) {
	token, err := o.store.Account(name)
	if err != nil {
		return nil, withHint(err, "list accounts with: nkeep list accounts")
	}
	return readOutgoing(name, o.store.AccountPath(name), token)
}

func readOutgoing(name, file, token string) (*outgoing, error) {
	head, err := jwtstore.ReadHead(token)
	if err != nil {
		return nil, distrusted(file, err)
	}
	return &outgoing{name: name, head: head, token: token}, nil
}

// allOutgoing reads all accounts of the operator.
func (w *workspace) allOutgoing(ctx context.Context, op *operator) ([]*outgoing, error) {
	tokens, err := op.store.AccountTokens()
	if err != nil {
		return nil, err
	}
	defer tokens.Close()
	names := tokens.Names()
	if len(names) == 0 {
		return nil, withHint(fmt.Errorf("operator %q: has no account to push", op.store.Name), "add one with: nkeep add account NAME")
	}
	list := make([]*outgoing, len(names))
	err = inParallel(ctx, len(names), func(i int) error {
		token, err := tokens.Read(names[i])
		if err == nil {
			list[i], err = readOutgoing(names[i], op.store.AccountPath(names[i]), token)
		}
		return err
	})
	return list, err
}

// judge refuses accounts that do not check out: those that the operator did not
// issue, and what a server would refuse, or take and never use. With --force
// servers judge for themselves.
func (p *pushing) judge(ctx context.Context, op *operator, list []*outgoing) error {
	errs, warnings := make([]error, len(list)), make([][]string, len(list))
	err := inParallel(ctx, len(list), func(i int) error {
		warnings[i], errs[i] = p.judgeOne(op, list[i])
		return nil
	})
	if err != nil {
		return err
	}
	const most = 20
	told := 0
	for i := range list {
		if errs[i] != nil && p.force {
			warnings[i] = append(warnings[i], errs[i].Error())
		}
		for _, text := range warnings[i] {
			if told++; told <= most {
				p.out.Warnf("%s", text)
			}
		}
	}
	if told > most {
		p.out.Warnf("and %d more; see: nkeep validate -A", told-most)
	}
	if p.force {
		return nil
	}
	return withHint(firstErrors(errs), "nothing was pushed; push it nevertheless with --force")
}

func (p *pushing) judgeOne(op *operator, out *outgoing) (warnings []string, problem error) {
	ac, err := claims.VerifyAccount(out.token, op.claims, op.store.Managed)
	if err != nil {
		return nil, distrusted(op.store.AccountPath(out.name), err)
	}
	out.claims = ac
	for _, issue := range claims.Check(ac, p.env.Now()) {
		text := fmt.Sprintf("account %q: %s", out.name, issue.Text)
		switch issue.Level {
		case claims.LevelError, claims.LevelExpired, claims.LevelNotYetValid:
			return warnings, errors.New(text)
		case claims.LevelWarning:
			warnings = append(warnings, text)
		}
	}
	return warnings, nil
}

func accountsOf(list []*outgoing) []resolver.Account {
	accounts := make([]resolver.Account, len(list))
	for i, out := range list {
		accounts[i] = out.account()
	}
	return accounts
}

func idsOf(list []*outgoing) []string {
	ids := make([]string, len(list))
	for i, out := range list {
		ids[i] = out.head.Subject
	}
	return ids
}
