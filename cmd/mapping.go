package cmd

import (
	"context"
	"slices"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// changeMapping changes the mapping of one subject and signs the account again.
// What became of it is action, unless nothing did.
func (a *app) changeMapping(ctx context.Context, named, from string, edit claims.MappingEdit, action func(*account) string) error {
	e, err := a.updateAccount(ctx, named, func(c *change, op *operator, ac *account) (entity, error) {
		what := action(ac)
		changes, err := claims.AccountEdit{Mappings: edit}.Apply(ac.claims, a.env.Now())
		if err != nil {
			return entity{}, withHint(badEdit(err), "look at the mappings with: nkeep describe account %q", ac.name)
		}
		e, err := c.reissue(op, ac, changes)
		if len(changes) > 0 {
			e.Action = what
		}
		e.Kind, e.Account, e.Name, e.PublicKey, e.Expires = "mapping", ac.name, from, "", 0
		return e, err
	})
	if err != nil {
		return err
	}
	return a.finish(ctx, report{Entities: []entity{e}})
}

// mapped are the subjects that an account maps.
func mapped(ac *jwt.AccountClaims) []string {
	var from []string
	for s := range ac.Mappings {
		from = append(from, string(s))
	}
	return from
}

// targets are what an account maps subjects to.
func targets(ac *jwt.AccountClaims) []string {
	var to []string
	for _, list := range ac.Mappings {
		for _, t := range list {
			to = append(to, string(t.Subject))
		}
	}
	return to
}

// mappedClusters are the clusters for which an account has mappings.
func mappedClusters(ac *jwt.AccountClaims) []string {
	var names []string
	for _, list := range ac.Mappings {
		for _, t := range list {
			names = append(names, t.Cluster)
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}
