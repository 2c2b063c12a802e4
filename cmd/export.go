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

// changeExport changes one export of the named or selected account and signs the
// account again. The report is about the export that edit returns.
func (a *app) changeExport(ctx context.Context, account, action string, edit func(*operator, *account) (*jwt.Export, []claims.Change, error)) (e entity, err error) {
	w, err := a.open(ctx)
	if err != nil {
		return e, err
	}
	err = w.update(ctx, func(c *change) error {
		op, err := w.operator("")
		if err != nil {
			return err
		}
		ac, err := w.selectedAccount(op, account)
		if err != nil {
			return err
		}
		x, changes, err := edit(op, ac)
		if err != nil {
			return err
		}
		e, err = c.reissue(op, ac, changes)
		e.export(action, ac.name, x)
		return err
	})
	return e, err
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

// firstOf lists up to most of the names, and says how many it leaves out.
func firstOf(names []string, most int) string {
	text := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// completeExports completes -s with the subjects of the account's exports.
func (a *app) completeExports(c *cobra.Command) {
	a.completeFlag(c, "subject", exported(func(x *jwt.Export) string { return string(x.Subject) }))
}

// exported lists a property of the exports of the account on the command line.
func exported(property func(*jwt.Export) string) namer {
	return func(w *workspace, c *cobra.Command, _ string) ([]string, error) {
		store, name, err := w.flaggedAccount(c)
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
		var out []string
		for _, x := range ac.Exports {
			if x != nil {
				out = append(out, property(x))
			}
		}
		slices.Sort(out)
		return slices.Compact(out), nil
	}
}
