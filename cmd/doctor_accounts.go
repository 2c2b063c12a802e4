package cmd

import (
	"crypto/sha256"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// foreignUser is a user that the account in whose directory it lies did not issue.
type foreignUser struct {
	jwtstore.Found
	claims *jwt.UserClaims
	err    error // why it is not trusted
}

func (x *examination) accountToken(f jwtstore.Found) {
	at := entityPlace{operator: f.Operator, account: f.Name}
	if f.Err != nil {
		x.add(x.unreadable(f, f.Err))
		return
	}
	op := x.seenOperator(f.Operator)
	ac, err := op.account(f.Token)
	if err != nil {
		lax, laxErr := jwt.DecodeAccountClaims(f.Token)
		if laxErr != nil {
			x.add(x.unreadable(f, err))
			return
		}
		x.untrusted(f, err)
		ac = lax
	}
	x.common(f, &ac.ClaimsData, severityWarning)
	if err == nil {
		x.revocations(f, ac)
	}
	x.keepAccount(at, f.Path, ac, op)
}

// account verifies an account as far as the operator is known.
func (op *seenOperator) account(token string) (*jwt.AccountClaims, error) {
	if op.claims == nil {
		return claims.ReadAccount(token)
	}
	return claims.VerifyAccount(token, op.claims, op.managed || !op.marked)
}

func (x *examination) keepAccount(at entityPlace, file string, ac *jwt.AccountClaims, op *seenOperator) {
	seen := &seenAccount{entityPlace: at, file: file, claims: slim(ac)}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.checked.Accounts++
	x.accounts[at] = seen
	x.byKey[ac.Subject] = append(x.byKey[ac.Subject], seen)
	if ac.Issuer == ac.Subject {
		op.selfSigned = true
	}
}

// slim is what later findings need of an account: tokens of others, descriptions
// and limits take room.
func slim(ac *jwt.AccountClaims) *jwt.AccountClaims {
	s := &jwt.AccountClaims{ClaimsData: ac.ClaimsData}
	s.SigningKeys = ac.SigningKeys
	s.Authorization.XKey = ac.Authorization.XKey
	for _, e := range ac.Exports {
		if e != nil {
			s.Exports = append(s.Exports, &jwt.Export{Type: e.Type, Subject: e.Subject})
		}
	}
	for _, im := range ac.Imports {
		if im != nil {
			light := *im
			light.Token = ""
			s.Imports = append(s.Imports, &light)
		}
	}
	return s
}

func (x *examination) userToken(f jwtstore.Found) {
	at := entityPlace{f.Operator, f.Account, f.Name}
	if f.Err != nil {
		x.damage(at, x.unreadable(f, f.Err))
		return
	}
	x.mu.Lock()
	home := x.accounts[entityPlace{operator: f.Operator, account: f.Account}]
	x.mu.Unlock()
	var (
		uc  *jwt.UserClaims
		err error
	)
	if home == nil {
		uc, err = claims.ReadUser(f.Token)
	} else {
		uc, err = claims.VerifyUser(f.Token, home.claims)
	}
	if err != nil {
		lax, laxErr := jwt.DecodeUserClaims(f.Token)
		if laxErr != nil {
			x.damage(at, x.unreadable(f, err))
			return
		}
		uc = lax
	}
	x.common(f, &uc.ClaimsData, severityNote)
	if err != nil || home == nil {
		x.mu.Lock()
		x.strangers = append(x.strangers, foreignUser{f, uc, err})
		x.mu.Unlock()
		return
	}
	x.keepUser(at, &seenUser{file: f.Path, subject: uc.Subject, issued: uc.IssuedAt, sum: sha256.Sum256([]byte(f.Token)), misnamed: !sameName(uc.Name, f.Name)})
}

func (x *examination) keepUser(at entityPlace, u *seenUser) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.checked.Users++
	x.users[at] = u
	if other, ok := x.byUser[u.subject]; !ok || at.compare(other) < 0 {
		x.byUser[u.subject] = at
	}
}

// damage keeps what is wrong with a user: its creds may help.
func (x *examination) damage(at entityPlace, f finding) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.damaged[at] = f
}
