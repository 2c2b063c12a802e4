package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// importOf makes what became of an account what became of one of its imports, which
// comes from an account with that name or public key.
func (e *entity) importOf(action, account, from string, im *jwt.Import) {
	if e.Action != actionUnchanged {
		e.Action = action
	}
	e.Kind, e.Account, e.From = "import", account, from
	e.Name, e.Subject = im.Name, string(claims.RemoteSubject(im))
	e.PublicKey, e.Expires = "", 0
}

// findImport is the index of the one import that is meant; names tells what accounts
// are called.
func (ac *account) findImport(ref claims.ImportRef, names func(string) string) (int, error) {
	found := claims.FindImports(ac.claims, ref)
	all := claims.FindImports(ac.claims, claims.ImportRef{})
	switch {
	case len(all) == 0:
		return 0, withHint(missingf("import: account %q has none", ac.name), "add one with: nkeep add import -a %q", ac.name)
	case len(found) == 0:
		return 0, withHint(missingf("import %s: account %q has none such", importMeant(ref, names), ac.name), "it has %s", ac.importsAt(all, names))
	case len(found) > 1:
		return 0, withHint(usagef("import %s: account %q has %d of them: %s", importMeant(ref, names), ac.name, len(found), ac.importsAt(found, names)),
			"say which with --src-account ACCOUNT, and --service or --service=false where a service and a stream share a subject")
	}
	return found[0], nil
}

// importMeant is what was said of an import.
func importMeant(ref claims.ImportRef, names func(string) string) string {
	words := meant(claims.ExportRef{Subject: ref.Subject, Name: ref.Name, Type: ref.Type})
	if ref.Account != "" {
		words += " from account " + strconv.Quote(names(ref.Account))
	}
	return strings.TrimSpace(words)
}

// importsAt names the imports with these indices.
func (ac *account) importsAt(indices []int, names func(string) string) string {
	const most = 10
	out := make([]string, len(indices)) // those beyond most are counted and not shown
	for n, i := range indices[:min(len(indices), most)] {
		im := ac.claims.Imports[i]
		out[n] = fmt.Sprintf("%s %q from account %q", im.Type, claims.RemoteSubject(im), names(im.Account))
	}
	return firstOf(out, most)
}

// namesOrKeys tells the names of accounts, and the keys of those that are not in the
// store.
func (o *operator) namesOrKeys() func(public string) string {
	names := o.store.NamesOfAccounts()
	return func(public string) string {
		name, err := names(public)
		if err != nil {
			o.app.out.Warnf("names of accounts are not known: %v", err)
		}
		if name == "" {
			return public
		}
		return name
	}
}
