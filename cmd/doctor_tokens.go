package cmd

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// token looks at one thing in the stores directory. An operator's marker and
// token come before its accounts, and an account's token before its users.
func (x *examination) token(f jwtstore.Found) {
	x.tokenAccess(f)
	switch f.Kind {
	case jwtstore.FoundDir:
		x.tokenDir(f)
	case jwtstore.FoundMarker:
		x.marker(f)
	case jwtstore.FoundOperator:
		x.operatorToken(f)
	case jwtstore.FoundAccount:
		x.accountToken(f)
	case jwtstore.FoundUser:
		x.userToken(f)
	case jwtstore.FoundStray:
		x.strayToken(f)
	case jwtstore.FoundLeftover:
		x.leftover(x.w.root, f.File, f.Path, f.Operator)
	default:
	}
}

func (x *examination) tokenAccess(f jwtstore.Found) {
	if f.Kind == jwtstore.FoundOther || f.Kind == jwtstore.FoundLeftover || f.File == "." {
		return
	}
	x.owner(f, f.Path, f.Operator)
	switch {
	case f.Open(0o022):
		x.open(x.w.root, f.File, finding{What: "open-token", Severity: severityWarning, File: f.Path, operator: f.Operator, Problem: "can be changed by others"})
	case f.Open(0o044):
		x.open(x.w.root, f.File, finding{What: "open-token", Severity: severityNote, File: f.Path, operator: f.Operator, Problem: "can be read by others"})
	}
}

func (x *examination) tokenDir(f jwtstore.Found) {
	switch parts := strings.Split(f.File, "/"); {
	case f.Err != nil && len(parts) == 1 && !isDir(f.Path): // a link of somebody's own
	case f.Err != nil:
		x.mu.Lock()
		x.unread++
		x.mu.Unlock()
		x.add(finding{
			What: "unreadable-directory", Severity: severityError, File: f.Path, operator: f.Operator, Problem: why(f.Err),
			Hint: "put the directory itself here, or make it readable",
		})
	case f.Empty:
		x.emptyDir(x.w.root, f.File, f.Path, f.Operator)
	case len(parts) == 4 && f.Account != "": // its users
		x.mu.Lock()
		x.folders[entityPlace{operator: f.Operator, account: f.Account}] = path.Dir(f.Path)
		x.mu.Unlock()
	}
}

// seenOperator is the operator of a directory; it is made when first asked for.
func (x *examination) seenOperator(name string) *seenOperator {
	x.mu.Lock()
	defer x.mu.Unlock()
	op := x.operators[name]
	if op == nil {
		op = &seenOperator{}
		x.operators[name] = op
	}
	return op
}

func (x *examination) marker(f jwtstore.Found) {
	op := x.seenOperator(f.Operator)
	op.marked, op.managed = f.Err == nil, f.Managed
}

// unreadable reports a token that nothing can be made of.
func (x *examination) unreadable(f jwtstore.Found, err error) finding {
	x.mu.Lock()
	x.unread++
	x.mu.Unlock()
	bad := finding{
		What: "unreadable-token", Severity: severityError, File: f.Path, operator: f.Operator, Problem: why(err),
		Hint: "put a good copy in its place",
	}
	if f.Kind != jwtstore.FoundOperator && (f.Err == nil || f.Unfit()) {
		bad = quarantined(x.w.root, f.File, bad)
	}
	return bad
}

// untrusted reports a token that is whole, but not accepted as what it is taken for.
func (x *examination) untrusted(f jwtstore.Found, err error) {
	x.add(finding{
		What: "untrusted-token", Severity: severityError, File: f.Path, operator: f.Operator, Problem: why(err),
		Hint: render.Advice(fmt.Sprintf("look at it with: nkeep describe jwt -f %q, and have it issued again", f.Path)),
	})
}

func (x *examination) operatorToken(f jwtstore.Found) {
	op := x.seenOperator(f.Operator)
	op.hasToken = true
	if f.Err != nil {
		x.add(x.unreadable(f, f.Err))
		return
	}
	oc, err := claims.VerifyOperator(f.Token)
	if err == nil {
		op.claims = oc
	} else if oc, lax := jwt.DecodeOperatorClaims(f.Token); lax != nil {
		x.add(x.unreadable(f, err))
		return
	} else {
		x.untrusted(f, err)
		op.keys = slices.Concat(oc.SigningKeys, []string{oc.Subject})
		return
	}
	op.keys, op.system = slices.Concat(oc.SigningKeys, []string{oc.Subject}), oc.SystemAccount
	x.common(f, &oc.ClaimsData, severityWarning)
	x.count(func(c *checked) { c.Operators++ })
}

func (x *examination) strayToken(f jwtstore.Found) {
	x.add(finding{
		What: "stray-token", Severity: severityWarning, File: f.Path, operator: f.Operator,
		Problem: "is not named as its directory is, so that no command looks at it",
		Hint:    "name it as its directory is, or move it away",
	})
	// The keys it uses are in use.
	if f.Err != nil {
		return
	}
	if c, err := claims.Read(f.Token); err == nil {
		x.mu.Lock()
		x.used[c.Claims().Subject] = f.Operator
		x.mu.Unlock()
	}
}

func (x *examination) count(add func(*checked)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	add(&x.checked)
}
