package cmd

import (
	"context"
	"fmt"
	"slices"
)

// toPrune names the accounts here that no server has, if they are to go: all
// servers must have said what they have, and somebody must agree.
func (o *pull) toPrune(ctx context.Context, h *harvest) ([]string, error) {
	if !o.prune {
		return nil, nil
	}
	switch {
	case h.partial:
		return nil, usagef("--prune-local: these servers cannot tell which accounts they have")
	case len(h.silent) > 0:
		return nil, fmt.Errorf("nothing is deleted or changed: servers did not say which accounts they have: %s", firstOf(h.silent, 20))
	case h.Missing > 0:
		return nil, h.failure(fmt.Errorf("nothing is deleted or changed: %s did not answer, and may have any account", h.who()))
	case len(h.elsewhere()) > 0:
		return nil, fmt.Errorf("nothing is deleted or changed: servers with a memory or URL resolver cannot tell which accounts they have: %s", firstOf(h.elsewhere(), 20))
	}
	var names []string
	for public, local := range h.local {
		if h.found[public] == nil && len(h.cached[public]) == 0 && public != h.op.claims.SystemAccount {
			names = append(names, local.name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	if o.force {
		return names, nil
	}
	return names, o.confirm(ctx, fmt.Sprintf("Delete %s here that no server has, with all users: %s?", plural(len(names), "account"), firstOf(names, 20)))
}

// stagePrune deletes accounts as delete account does, and leaves seeds and creds.
func (o *pull) stagePrune(c *change, h *harvest, names []string, v *pullView) error {
	for _, name := range names {
		i := slices.IndexFunc(v.Accounts, func(p pulled) bool { return p.Name == name && p.Outcome == pullAbsent })
		if i < 0 {
			continue
		}
		token, err := h.op.store.Account(name)
		if err != nil {
			return err
		}
		if _, ok := headOf(token, v.Accounts[i].Account); !ok {
			return fmt.Errorf("account %q: was changed here while accounts were read", name)
		}
		del := deleteAccount{app: o.app, name: name, force: true}
		gone, err := del.stage(c)
		if err != nil {
			return err
		}
		v.Accounts[i].Outcome = pullDeleted
		v.Deleted = append(v.Deleted, gone...)
	}
	return nil
}
