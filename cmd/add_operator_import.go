package cmd

import (
	"context"
	"errors"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// importOperator stores the token of an operator whose keys somebody else keeps.
func (o *addOperator) importOperator(ctx context.Context) error {
	if !o.edit.Empty() || o.flags.privateKey != "" {
		return usagef("--url: the operator comes as it is; it cannot be given a key, times or tags")
	}
	if o.genSigningKey { // nsc takes both
		o.out.Warnf("--generate-signing-key: has no effect with --url: whoever runs the operator keeps its keys")
	}
	r, err := o.fetchOperator(ctx, o.source)
	if err != nil {
		return err
	}
	if o.name == "" {
		o.name = r.name
	}
	if err := jwtstore.CheckName(o.name); err != nil {
		return usageError{err}
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var e entity
	err = w.update(ctx, func(c *change) error {
		e, err = o.stageImport(c, r.token, r.claims)
		return err
	})
	if err != nil {
		return err
	}
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *addOperator) stageImport(c *change, token string, oc *jwt.OperatorClaims) (entity, error) {
	e := entityOf(actionImported, jwtstore.KindOperator, oc)
	e.Name = o.name
	file, err := c.tokens.AddOperator(o.name, token, true)
	if errors.Is(err, fs.ErrExist) {
		if !o.force {
			return e, withHint(err, "replace its token with --force")
		}
		e.Action = actionReplaced
		if e.Changes, err = o.replaced(c.w, oc); err != nil {
			return e, err
		}
		file, err = c.tokens.PutOperator(o.name, token)
	}
	if err != nil {
		return e, err
	}
	e.file("token", file)
	return e, c.choose(o.name, onlyAccount(c.w, o.name))
}

// replaced tells how the token differs from the one it replaces.
func (o *addOperator) replaced(w *workspace, oc *jwt.OperatorClaims) ([]claims.Change, error) {
	op, err := w.operator(o.name)
	if err != nil {
		return nil, err
	}
	if op.claims.Subject != oc.Subject {
		o.out.Warnf("operator %q has another identity from now on: %s, where it was %s; its accounts are not valid under it", o.name, oc.Subject, op.claims.Subject)
	}
	return claims.Diff(op.claims, oc)
}

// onlyAccount is the account that is selected along with its operator.
func onlyAccount(w *workspace, operator string) string {
	store, err := w.root.Operator(operator)
	if err != nil {
		return ""
	}
	names, err := store.AccountNames()
	if err != nil || len(names) != 1 {
		return ""
	}
	return names[0]
}
