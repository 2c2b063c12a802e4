package cmd

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
)

// judgeTokens looks at what only all tokens together tell.
func (x *examination) judgeTokens() {
	for _, name := range slices.Sorted(maps.Keys(x.operators)) {
		x.judgeOperator(name, x.operators[name])
	}
	accounts := slices.SortedFunc(maps.Values(x.accounts), func(a, b *seenAccount) int { return a.compare(b.entityPlace) })
	for _, ac := range accounts {
		x.judgeAccount(ac)
	}
	slices.SortFunc(x.strangers, func(a, b foreignUser) int { return strings.Compare(a.File, b.File) })
	for _, s := range x.strangers {
		x.judgeStranger(s)
	}
	for at, path := range x.folders {
		if x.accounts[at] == nil {
			x.add(finding{
				What: "missing-account", Severity: severityWarning, File: path, operator: at.operator,
				Problem: "holds users of an account whose token is not here",
				Hint:    "bring the token back from a server or a backup, or move the directory away",
			})
		}
	}
	x.likeNames()
	for at, u := range x.users {
		x.used[u.subject] = at.operator
	}
}

func (p entityPlace) compare(q entityPlace) int {
	return cmp.Or(strings.Compare(p.operator, q.operator), strings.Compare(p.account, q.account), strings.Compare(p.user, q.user))
}

func (x *examination) judgeOperator(name string, op *seenOperator) {
	dir := x.w.root.Dir().Path(name)
	for _, key := range op.keys {
		x.used[key] = name
	}
	switch {
	case !op.hasToken:
		x.add(finding{
			What: "missing-operator-token", Severity: severityError, File: dir, operator: name,
			Problem: "is an operator's directory without the operator's token", Hint: "put a good copy in its place, or move the directory away",
		})
	case !op.marked:
		x.unmarked(name, op)
	}
	if op.system == "" || slices.ContainsFunc(x.byKey[op.system], func(ac *seenAccount) bool { return ac.operator == name }) {
		return
	}
	f := finding{
		What: "missing-system-account", Severity: severityWarning, File: dir, operator: name,
		Problem: fmt.Sprintf("the system account %s is not here", op.system), Hint: "nkeep push to a NATS resolver needs it",
	}
	if op.managed {
		f.Severity = severityNote
	}
	x.add(f)
}

// unmarked reports an operator that no command sees.
func (x *examination) unmarked(name string, op *seenOperator) {
	f := finding{
		What: "unmarked-operator", Severity: severityError, File: x.w.root.Dir().Path(name, ".nsc"), operator: name,
		Problem: "is missing or broken, so that no command sees the operator", Fix: "writes it",
	}
	managed := op.selfSigned
	f.mend = remedy{root: x.w.root, name: name + "/.nsc", how: quarantine, stage: func(c *change) error { return c.tokens.PutMarker(name, managed) }}
	x.add(f)
}

func (x *examination) judgeAccount(ac *seenAccount) {
	x.used[ac.claims.Subject] = ac.operator
	for _, key := range ac.claims.SigningKeys.Keys() {
		x.used[key] = ac.operator
	}
	if key := ac.claims.Authorization.XKey; key != "" {
		x.used[key] = ac.operator
	}
	for _, other := range x.byKey[ac.claims.Subject] {
		if other.operator == ac.operator && other.compare(ac.entityPlace) < 0 {
			x.add(finding{
				What: "shared-key", Severity: severityError, File: ac.file, operator: ac.operator,
				Problem: fmt.Sprintf("has the public key of account %q", other.account), Hint: "servers know one of them: move the other away",
			})
		}
	}
	x.imports(ac)
}

// likeNames reports accounts and users that become one where upper case and
// lower case are the same.
func (x *examination) likeNames() {
	like := map[entityPlace][]entityPlace{}
	for at := range x.accounts {
		folded := entityPlace{operator: at.operator, account: jwtstore.Fold(at.account)}
		like[folded] = append(like[folded], at)
	}
	for at := range x.users {
		folded := entityPlace{at.operator, at.account, jwtstore.Fold(at.user)}
		like[folded] = append(like[folded], at)
	}
	for _, places := range like {
		slices.SortFunc(places, entityPlace.compare)
		for _, at := range places[1:] {
			x.add(finding{
				What: "like-names", Severity: severityWarning, File: x.path(at), operator: at.operator,
				Problem: fmt.Sprintf("its name differs from that of %q in case alone", cmp.Or(places[0].user, places[0].account)),
				Hint:    "where file names know no case, they are one",
			})
		}
	}
}

// path is where the token of an account or user lies.
func (x *examination) path(at entityPlace) string {
	if at.user == "" {
		return x.accounts[at].file
	}
	return x.users[at].file
}

// judgeStranger finds out where a user belongs that was not issued by the
// account in whose directory it is.
func (x *examination) judgeStranger(s foreignUser) {
	at := entityPlace{s.Operator, s.Account, s.Name}
	u := &seenUser{file: s.Path, subject: s.claims.Subject, issued: s.claims.IssuedAt, sum: sha256.Sum256([]byte(s.Token))}
	home := x.issuerOf(s)
	if home == nil {
		x.keepUser(at, u)
		// Whoever it was, his key is needed to have him back.
		x.used[s.claims.Issuer], x.used[cmp.Or(s.claims.IssuerAccount, s.claims.Issuer)] = s.Operator, s.Operator
		if x.accounts[entityPlace{operator: s.Operator, account: s.Account}] != nil {
			x.untrusted(s.Found, s.err)
		}
		return
	}
	f := finding{
		What: "misplaced-user", Severity: severityError, File: s.Path, operator: s.Operator,
		Problem: fmt.Sprintf("was issued by account %q of operator %q", home.account, home.operator),
	}
	if here := x.accounts[entityPlace{operator: s.Operator, account: s.Account}]; home.misnamed() || here != nil && here.misnamed() {
		f.Hint = "the token of an account lies in the file of another: put that right first"
		x.keepUser(at, u)
		x.add(f)
		return
	}
	to := entityPlace{home.operator, home.account, s.Name}
	if _, damaged := x.damaged[to]; damaged || x.users[to] != nil {
		f.Problem += fmt.Sprintf(", which has a user %q already", s.Name)
		x.add(quarantined(x.w.root, s.File, f))
		return
	}
	u.token = s.Token
	x.keepUser(to, u)
	f.Fix = "moves it there"
	f.mend = staged(func(c *change) error { return c.tokens.Refile(s.Found, to.operator, to.account, to.user) })
	x.add(f)
}

// issuerOf is the account here that did issue a user, and for which it is good.
func (x *examination) issuerOf(s foreignUser) *seenAccount {
	var found *seenAccount
	for _, ac := range x.byKey[cmp.Or(s.claims.IssuerAccount, s.claims.Issuer)] {
		if _, err := claims.VerifyUser(s.Token, ac.claims); err != nil {
			continue
		}
		if found == nil || ac.operator == s.Operator && found.operator != s.Operator || ac.operator == found.operator && ac.compare(found.entityPlace) < 0 {
			found = ac
		}
	}
	return found
}
