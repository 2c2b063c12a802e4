package cmd

import (
	"slices"
	"sync"
	"time"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// family is an operator and those of its accounts that were asked for. Nil knows
// nobody. Several goroutines may ask.
type family struct {
	op *operator

	mu       sync.Mutex
	names    map[string]string // of all accounts by public key; nil until the first is asked for
	accounts map[string]*jwt.AccountClaims
}

// manyAccounts bounds how many accounts are kept in memory.
const manyAccounts = 500

func (f *family) judge(now time.Time) claims.Chain {
	return claims.Chain{Operator: f.op.claims, Managed: f.op.store.Managed, Now: now}
}

// issued reports whether a key of the operator issued an account, be it one that
// was not allowed to.
func (f *family) issued(ac *jwt.AccountClaims) bool {
	return f != nil && (ac.Issuer == f.op.claims.Subject || slices.Contains(f.op.claims.SigningKeys, ac.Issuer))
}

// accountOf is the account that a user says it belongs to, nil if it is none of
// the operator's.
func (f *family) accountOf(u *jwt.UserClaims) *jwt.AccountClaims {
	if f == nil {
		return nil
	}
	public := u.IssuerAccount
	if public == "" {
		public = u.Issuer
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ac, ok := f.accounts[public]; ok {
		return ac
	}
	ac := f.load(public)
	if f.accounts == nil || len(f.accounts) >= manyAccounts {
		f.accounts = map[string]*jwt.AccountClaims{}
	}
	f.accounts[public] = ac
	return ac
}

func (f *family) load(public string) *jwt.AccountClaims {
	if f.names == nil {
		f.names = map[string]string{}
		for it, err := range f.op.store.ScanAccounts() {
			if err == nil && it.Err == nil { // what cannot be read has issued nothing that is known
				f.names[it.Head.Subject] = it.Name
			}
		}
	}
	name, ok := f.names[public]
	if !ok {
		return nil
	}
	ac, err := f.op.account(name)
	if err != nil {
		return nil
	}
	return ac.claims
}
