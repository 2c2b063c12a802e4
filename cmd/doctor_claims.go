package cmd

import (
	"fmt"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// nearLimit is the part of the largest token from which on there is a warning, in percent.
const nearLimit = 80

// common looks at what all tokens have. Whose time is over has the given severity.
func (x *examination) common(f jwtstore.Found, c *jwt.ClaimsData, over severity) {
	report := func(what string, s severity, problem, hint string) {
		x.add(finding{What: what, Severity: s, File: f.Path, operator: f.Operator, Problem: problem, Hint: render.Advice(hint)})
	}
	// An operator that somebody else runs may go by another name here.
	aliased := f.Kind == jwtstore.FoundOperator && x.seenOperator(f.Operator).managed
	if !aliased && !sameName(c.Name, f.Name) {
		report("name-mismatch", severityWarning, fmt.Sprintf("the token is that of %s %q", f.Kind, c.Name),
			"commands go by the name of the file, servers by the token: put each token in the file of its name"+toItsName(f, c.Name))
	}
	switch s := claims.StandingAt(c, x.env.Now().Unix()); s.Level {
	case claims.LevelExpired:
		report("expired", over, s.String(), fmt.Sprintf("give it time with: nkeep edit %s --expiry", f.Kind))
	case claims.LevelNotYetValid:
		report("not-yet-valid", severityNote, s.String(), "")
	default:
	}
	if len(f.Token)*100 > claims.MaxTokenSize*nearLimit {
		report("large-token", severityWarning, fmt.Sprintf("has %d bytes, where %d are the most", len(f.Token), claims.MaxTokenSize), "take from it what it can do without")
	}
}

// covered counts the revocations that one of all users, or all accounts, makes
// superfluous. Any other may still be needed: creds live on after their user.
func covered(list jwt.RevocationList) (n int) {
	all, ok := list[jwt.All]
	for key, at := range list {
		if ok && key != jwt.All && at <= all {
			n++
		}
	}
	return n
}

func (x *examination) revocations(f jwtstore.Found, ac *jwt.AccountClaims) {
	n := covered(ac.Revocations)
	for _, e := range ac.Exports {
		n += covered(e.Revocations)
	}
	if n == 0 {
		return
	}
	found := finding{
		What: "covered-revocations", Severity: severityNote, File: f.Path, operator: f.Operator,
		Problem: fmt.Sprintf("%d revocations are covered by a later one of all", n),
	}
	if stored, err := x.w.ring.Has(ac.Issuer); err == nil && stored {
		found.Fix = "drops them and signs the account again"
		found.Hint = "push the account afterwards"
		found.mend = staged(func(c *change) error { return c.compactRevocations(f.Operator, f.Name) })
	}
	x.add(found)
}

func (c *change) compactRevocations(operator, name string) error {
	op, err := c.w.operator(operator)
	if err != nil {
		return err
	}
	ac, err := op.account(name)
	if err != nil {
		return err
	}
	ac.claims.Revocations.MaybeCompact()
	for _, e := range ac.claims.Exports {
		e.Revocations.MaybeCompact()
	}
	_, err = c.putAccount(op, ac)
	return err
}

// imports reports what accounts import that nobody exports.
func (x *examination) imports(ac *seenAccount) {
	for _, im := range ac.claims.Imports {
		f := finding{File: ac.file, operator: ac.operator, What: "import-of-nothing", Severity: severityWarning}
		exporters := x.byKey[im.Account]
		f.Problem = fmt.Sprintf("imports the %s %q, which account %q does not export", im.Type, claims.RemoteSubject(im), nameOr(exporters, im.Account))
		f.Hint = render.Advice(fmt.Sprintf("look at both with: nkeep describe account %q", ac.account))
		if len(exporters) == 0 {
			f.What, f.Severity, f.Hint = "unknown-exporter", severityNote, ""
			f.Problem = fmt.Sprintf("imports the %s %q of account %s, which is not here", im.Type, claims.RemoteSubject(im), im.Account)
		}
		if !slices.ContainsFunc(exporters, func(from *seenAccount) bool { return from.exports(im) }) {
			x.add(f)
		}
	}
}

func (a *seenAccount) exports(im *jwt.Import) bool {
	return slices.ContainsFunc(a.claims.Exports, func(e *jwt.Export) bool { return claims.Uses(im, a.claims.Subject, e) })
}

func nameOr(accounts []*seenAccount, key string) string {
	if len(accounts) == 0 {
		return key
	}
	return accounts[0].account
}

// toItsName is the command that brings a token into the file of its name. A name
// that a shell would not take as it is gets none: whoever wrote the token chose it.
func toItsName(f jwtstore.Found, name string) string {
	const free = "; where nothing has that name yet, with: "
	if name == "" || strings.ContainsAny(name, "$`\\\"!") {
		return ""
	}
	if f.Kind == jwtstore.FoundUser {
		return free + fmt.Sprintf("nkeep rename user -a %q %q %q", f.Account, f.Name, name)
	}
	if f.Kind == jwtstore.FoundAccount {
		return free + fmt.Sprintf("nkeep rename account %q %q", f.Name, name)
	}
	return ""
}
