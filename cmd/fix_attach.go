package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// attach finds out who issued what: whose issuer is not here is left out.
func (s *salvage) attach() {
	for _, subject := range slices.Sorted(maps.Keys(s.found[jwt.OperatorClaim])) {
		s.attachOperator(subject, newestFirst(s.found[jwt.OperatorClaim][subject]))
	}
	operators := keyring(s.operators)
	s.accounts = s.attachAll(jwt.AccountClaim, func(v tokenVersion) *relic { return operators[v.data().Issuer] })
	accounts := keyring(s.accounts)
	s.users = s.attachAll(jwt.UserClaim, func(v tokenVersion) *relic {
		uc, ok := v.claims.(*jwt.UserClaims)
		if !ok {
			return nil
		}
		home := accounts[uc.Issuer]
		if home == nil || cmp.Or(uc.IssuerAccount, uc.Issuer) != home.subject() {
			return nil
		}
		return home
	})
	for _, r := range slices.Concat(s.accounts, s.users) {
		s.doubt(r)
	}
}

// attachOperator takes the versions that lead back to the operator's identity:
// each is issued by it, or by a signing key of a version that is. Where none is
// issued by the identity, every version vouches for itself.
func (s *salvage) attachOperator(subject string, versions []tokenVersion) {
	r := &relic{keys: map[string]bool{subject: true}}
	if !slices.ContainsFunc(versions, func(v tokenVersion) bool { return v.data().Issuer == subject }) {
		for _, v := range versions {
			r.accept(v)
		}
	}
	for again := true; again; {
		again = false
		for _, v := range versions {
			if r.keys[v.data().Issuer] && !slices.ContainsFunc(r.versions, v.same) {
				r.accept(v)
				again = true
			}
		}
	}
	r.versions = newestFirst(r.versions)
	for _, v := range versions {
		if !slices.ContainsFunc(r.versions, v.same) {
			s.skip(v.file, "issuer %q is no key of operator %q", v.data().Issuer, v.data().Name)
		}
	}
	s.operators = append(s.operators, r)
}

func (v tokenVersion) same(other tokenVersion) bool { return v.token == other.token }

// accept adds a version, with the keys that may issue in its name.
func (r *relic) accept(v tokenVersion) {
	r.versions = append(r.versions, v)
	r.keys[v.data().Subject] = true
	switch c := v.claims.(type) {
	case *jwt.OperatorClaims:
		for _, key := range c.SigningKeys {
			r.keys[key] = true
		}
	case *jwt.AccountClaims:
		for key := range c.SigningKeys {
			r.keys[key] = true
		}
	}
}

// keyring finds who has, or had, a key.
func keyring(relics []*relic) map[string]*relic {
	keys := map[string]*relic{}
	for _, r := range relics {
		for key := range r.keys {
			keys[key] = r
		}
	}
	for _, r := range relics { // an identity is nobody else's
		keys[r.subject()] = r
	}
	return keys
}

// attachAll takes the newest version whose issuer is here, and of the others
// that he issued the keys.
func (s *salvage) attachAll(kind jwt.ClaimType, issuer func(tokenVersion) *relic) []*relic {
	var all []*relic
	for _, subject := range slices.Sorted(maps.Keys(s.found[kind])) {
		r := &relic{keys: map[string]bool{}}
		for _, v := range newestFirst(s.found[kind][subject]) {
			by := issuer(v)
			if by == nil || r.parent != nil && by != r.parent {
				s.skip(v.file, "%s %q: its issuer %q is not among what was found", kind, v.data().Name, v.data().Issuer)
				continue
			}
			r.parent = by
			r.accept(v)
		}
		if r.parent != nil {
			all = append(all, r)
		}
	}
	return all
}

// doubt tells of what was issued by a key that may do so no longer.
func (s *salvage) doubt(r *relic) {
	var err error
	switch by := r.parent.newest().claims.(type) {
	case *jwt.OperatorClaims:
		_, err = claims.VerifyAccount(r.newest().token, by, false)
	case *jwt.AccountClaims:
		_, err = claims.VerifyUser(r.newest().token, by)
	}
	if err != nil {
		s.doubts = append(s.doubts, fmt.Sprintf("%v: it has to be issued again", err))
	}
}
