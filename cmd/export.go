package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

// changeAccount changes the named or selected account and signs it again.
func (a *app) changeAccount(ctx context.Context, named string, edit func(*change, *operator, *account) ([]claims.Change, error)) (entity, error) {
	return a.updateAccount(ctx, named, func(c *change, op *operator, ac *account) (entity, error) {
		changes, err := edit(c, op, ac)
		if err != nil {
			return entity{}, err
		}
		return c.reissue(op, ac, changes)
	})
}

// changeExport changes one export of the named or selected account and signs the
// account again. The report is about the export that edit returns.
func (a *app) changeExport(ctx context.Context, named, action string, edit func(*operator, *account) (*jwt.Export, []claims.Change, error)) (entity, error) {
	var (
		x    *jwt.Export
		name string
	)
	e, err := a.changeAccount(ctx, named, func(_ *change, op *operator, ac *account) (changes []claims.Change, err error) {
		x, changes, err = edit(op, ac)
		name = ac.name
		return changes, err
	})
	if err != nil {
		return entity{}, err
	}
	e.export(action, name, x)
	return e, nil
}

// export makes what became of an account what became of one of its exports.
func (e *entity) export(action, account string, x *jwt.Export) {
	if e.Action != actionUnchanged {
		e.Action = action
	}
	e.Kind, e.Account, e.Name, e.Subject = "export", account, x.Name, string(x.Subject)
	e.PublicKey, e.Expires = "", 0
}

// findExport is the index of the one export that is meant.
func (ac *account) findExport(ref claims.ExportRef) (int, error) {
	found := claims.FindExports(ac.claims, ref)
	all := claims.FindExports(ac.claims, claims.ExportRef{})
	switch {
	case len(all) == 0:
		return 0, withHint(missingf("export: account %q has none", ac.name), "add one with: nkeep add export -a %q -s SUBJECT", ac.name)
	case len(found) == 0:
		return 0, withHint(missingf("export %s: account %q has none such", meant(ref), ac.name), "it has %s", ac.exportsAt(all))
	case len(found) == 1:
		return found[0], nil
	case ref == claims.ExportRef{}:
		return 0, withHint(usagef("export: account %q has %d, and none is named", ac.name, len(all)), "name one with -s SUBJECT: %s", ac.exportsAt(all))
	}
	return 0, withHint(usagef("export %s: account %q has %d of them: %s", meant(ref), ac.name, len(found), ac.exportsAt(found)),
		"say which with -s SUBJECT, and --service or --service=false where a service and a stream share it")
}

// meant is what was said of an export.
func meant(ref claims.ExportRef) string {
	var words []string
	if ref.Subject != "" {
		words = append(words, strconv.Quote(ref.Subject))
	}
	if ref.Name != "" {
		words = append(words, fmt.Sprintf("named %q", ref.Name))
	}
	if ref.Type != jwt.Unknown {
		words = append(words, "of type "+ref.Type.String())
	}
	return strings.Join(words, " ")
}

// exportsAt names the exports with these indices.
func (ac *account) exportsAt(indices []int) string {
	var names []string
	for _, i := range indices {
		x := ac.claims.Exports[i]
		names = append(names, fmt.Sprintf("%s %q", x.Type, x.Subject))
	}
	return firstOf(names, 10)
}

// exportWith is the index of the one export that contains a subject.
func (ac *account) exportWith(subject string, t jwt.ExportType) (int, error) {
	found := claims.ExportsWith(ac.claims, subject, t)
	all := claims.FindExports(ac.claims, claims.ExportRef{})
	switch {
	case len(all) == 0:
		return 0, missingf("export: account %q has none", ac.name)
	case len(found) == 0:
		return 0, withHint(missingf("export %s: account %q has none that contains it", meant(claims.ExportRef{Subject: subject, Type: t}), ac.name), "it has %s", ac.exportsAt(all))
	case len(found) > 1:
		return 0, withHint(usagef("export %q: account %q has %d of them: %s", subject, ac.name, len(found), ac.exportsAt(found)), "say which with --service or --service=false")
	}
	return found[0], nil
}

// completeExports completes -s with the subjects of the account's exports.
func (a *app) completeExports(c *cobra.Command) {
	a.completeFlag(c, "subject", exported(func(x *jwt.Export) string { return string(x.Subject) }))
}

// exported lists a property of the exports of the account on the command line.
func exported(property func(*jwt.Export) string) namer {
	return ofAccount("account", func(ac *jwt.AccountClaims) []string { return properties(ac.Exports, property) })
}

// ofAccount lists what claims hold of the account that a flag names, or else of the
// current one.
func ofAccount(flag string, list func(*jwt.AccountClaims) []string) namer {
	return func(w *workspace, c *cobra.Command, _ string) ([]string, error) {
		store, name, err := w.accountIn(c, flag)
		if err != nil {
			return nil, err
		}
		token, err := store.Account(name)
		if err != nil {
			return nil, err
		}
		ac, err := jwt.DecodeAccountClaims(token)
		if err != nil {
			return nil, err
		}
		names := list(ac)
		slices.Sort(names)
		return slices.Compact(names), nil
	}
}

// properties lists a property of all exports or imports that are there.
func properties[S ~[]*T, T any](list S, property func(*T) string) []string {
	var out []string
	for _, x := range list {
		if x != nil {
			out = append(out, property(x))
		}
	}
	return out
}
