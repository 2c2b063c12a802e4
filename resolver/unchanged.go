package resolver

import (
	"context"
	"slices"
)

// Unchanged finds out which servers have accounts as they are here already: those
// with a full resolver store them, and others apply them. It calls each for every
// account and server of which that is so, on the goroutine that called. Copies on
// full resolvers bear no server's name: they count when all of these have the same.
func (c *Conn) Unchanged(ctx context.Context, accounts []Account, servers []Profile, each func(accountID string, s Server)) error {
	if err := checkAccounts(accounts); err != nil {
		return err
	}
	ids, tokens := make([]string, len(accounts)), make(map[string]string, len(accounts))
	for i, a := range accounts {
		ids[i], tokens[a.ID] = a.ID, a.Token
	}
	full, others := []Server{}, []Server{}
	for _, p := range servers {
		if p.Resolver == KindFull {
			full = append(full, p.Server)
		} else {
			others = append(others, p.Server)
		}
	}
	if len(full) > 0 {
		if err := c.storedEverywhere(ctx, ids, tokens, full, each); err != nil {
			return err
		}
	}
	if len(others) == 0 {
		return nil
	}
	return c.InForceEach(ctx, ids, others, func(id string, f InForce) {
		if f.State == Loaded && f.Token == tokens[id] && slices.Contains(others, f.Server) {
			each(id, f.Server)
		}
	})
}

func (c *Conn) storedEverywhere(ctx context.Context, ids []string, tokens map[string]string, full []Server, each func(string, Server)) error {
	same := make(map[string]int, len(ids))
	err := c.LookupEach(ctx, ids, len(full), func(id, token string) {
		if token == tokens[id] {
			same[id]++
		}
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if same[id] < len(full) {
			continue
		}
		for _, s := range full {
			each(id, s)
		}
	}
	return nil
}
