package cmd

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"nkeep/claims"
	"nkeep/keystore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// roamingCreds are those of a user who is elsewhere.
type roamingCreds struct {
	keystore.Found
	to entityPlace
}

// userCreds looks at one creds file. All tokens have been looked at before.
func (x *examination) userCreds(f keystore.Found) {
	at := entityPlace{f.Operator, f.Account, f.User}
	x.mu.Lock()
	x.checked.Creds++
	x.creds[at] = true
	u := x.users[at]
	x.mu.Unlock()
	if f.Err != nil {
		x.badCreds(f, at, u, f.Err)
		return
	}
	if u != nil && u.subject == f.Holds && u.sum == sha256.Sum256([]byte(f.Token)) {
		return
	}
	uc, err := jwt.DecodeUserClaims(f.Token)
	if err == nil && uc.Subject != f.Holds {
		err = fmt.Errorf("its seed is that of %s, not that of its token", f.Holds)
	}
	if err != nil {
		x.badCreds(f, at, u, err)
		return
	}
	x.oddCreds(f, at, u, uc)
}

// oddCreds are whole, but not what their user has now.
func (x *examination) oddCreds(f keystore.Found, at entityPlace, u *seenUser, uc *jwt.UserClaims) {
	x.mu.Lock()
	_, damaged := x.damaged[at]
	home := x.accounts[entityPlace{operator: at.operator, account: at.account}]
	to, elsewhere := x.byUser[f.Holds]
	x.mu.Unlock()
	switch {
	case u != nil && u.subject == f.Holds:
		x.staleCreds(f, at, u, uc)
	case elsewhere && to != at:
		x.mu.Lock()
		x.roaming = append(x.roaming, roamingCreds{f, to})
		x.mu.Unlock()
	case damaged && home != nil && uc.Name == at.user && good(f.Token, home.claims):
		x.restore(f, at)
	default:
		x.orphanCreds(f, at, u, uc)
	}
}

func good(token string, ac *jwt.AccountClaims) bool {
	_, err := claims.VerifyUser(token, ac)
	return err == nil
}

// badCreds are of no use to anybody.
func (x *examination) badCreds(f keystore.Found, at entityPlace, u *seenUser, err error) {
	bad := finding{What: "bad-creds", Severity: severityError, File: f.Path, operator: f.Operator, Problem: why(err)}
	if !useless(f, err) {
		x.add(bad)
		return
	}
	x.add(x.writtenAnew(quarantined(x.w.ring, f.File, bad), at, u))
}

// staleCreds hold another token of the same user.
func (x *examination) staleCreds(f keystore.Found, at entityPlace, u *seenUser, uc *jwt.UserClaims) {
	if uc.IssuedAt > u.issued {
		x.add(finding{
			What: "newer-creds", Severity: severityWarning, File: f.Path, operator: f.Operator,
			Problem: "their token is newer than that of the user here",
			Hint:    "the user was changed elsewhere: bring its token here, too",
		})
		return
	}
	x.add(finding{
		What: "stale-creds", Severity: severityWarning, File: f.Path, operator: f.Operator,
		Problem: "the user's token has changed since they were written", Fix: "writes them anew",
		mend: staged(func(c *change) error { return x.currentCreds(c, at, u, at) }),
	})
}

// restore mends a user whose token is damaged with that from its creds.
func (x *examination) restore(f keystore.Found, at entityPlace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	bad := x.damaged[at]
	if bad.Fix == "" {
		return
	}
	bad.Fix += " and takes the token from the user's creds"
	bad.mend.stage = func(c *change) error {
		_, err := c.tokens.PutUser(at.operator, at.account, at.user, f.Token)
		return err
	}
	x.damaged[at] = bad
}

func (x *examination) orphanCreds(f keystore.Found, at entityPlace, u *seenUser, uc *jwt.UserClaims) {
	found := finding{What: "orphan-creds", Severity: severityWarning, File: f.Path, operator: f.Operator, Problem: "are those of no user here"}
	if u != nil {
		found.Problem = fmt.Sprintf("are those of another user than %q", at.user)
	}
	switch {
	case u == nil && x.unread > 0:
		found.Severity = severityNote
		found.Hint = render.Advice(fmt.Sprintf("they may be those of one of %d tokens that cannot be read", x.unread))
	case u != nil && u.misnamed:
		found.Hint = "the token of a user lies in the file of another: put that right first"
	case len(x.byKey[cmp.Or(uc.IssuerAccount, uc.Issuer)]) > 0 || x.orphans:
		found = x.writtenAnew(quarantined(x.w.ring, f.File, found), at, u)
	default:
		found.Severity = severityNote
		found.Problem += ", nor of an account here"
		found.Hint = "they may be those of stores elsewhere; if not: nkeep doctor --fix --orphans"
	}
	x.add(found)
}

// judgeCreds looks at what only all creds together tell.
func (x *examination) judgeCreds() {
	slices.SortFunc(x.roaming, func(a, b roamingCreds) int { return a.from().compare(b.from()) })
	for _, r := range x.roaming {
		x.misplacedCreds(r)
	}
	for _, bad := range x.damaged {
		x.add(bad)
	}
}

func (r roamingCreds) from() entityPlace { return entityPlace{r.Operator, r.Account, r.User} }

func (x *examination) misplacedCreds(r roamingCreds) {
	from := r.from()
	f := finding{
		What: "misplaced-creds", Severity: severityWarning, File: r.Path, operator: r.Operator,
		Problem: fmt.Sprintf("are those of user %q of account %q, operator %q", r.to.user, r.to.account, r.to.operator),
	}
	if x.users[r.to].misnamed || x.users[from] != nil && x.users[from].misnamed {
		f.Hint = "the token of a user lies in the file of another: put that right first"
		x.add(f)
		return
	}
	if x.creds[r.to] {
		f.Problem += ", who has others"
		f = quarantined(x.w.ring, r.File, f)
	} else {
		x.creds[r.to] = true
		f.Fix = "moves them there"
		f.mend = staged(func(c *change) error {
			if err := x.currentCreds(c, r.to, x.users[r.to], from); err != nil {
				return err
			}
			return c.keys.RemoveCreds(from.operator, from.account, from.user)
		})
	}
	x.add(x.writtenAnew(f, from, x.users[from]))
}
