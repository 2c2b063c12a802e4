package cmd

import (
	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// A token from outside, be it a file, a URL or a server's answer, is stored or
// built upon only when one of these has let it in. Whoever reads it has bounded
// its size and its time; here it is decoded and verified: its form and signature,
// that it is of the right kind, issued by who may, about who was asked for, and
// that its name is one that the store can take.

// operatorOutside lets an operator in that signed itself; subject is the public
// key of the one that is meant, empty for any.
func operatorOutside(token, subject string) (*jwt.OperatorClaims, error) {
	oc, err := claims.VerifyOperator(token)
	if err != nil {
		return nil, err
	}
	return oc, admit(oc, subject)
}

// accountOutside lets an account in that a key of the operator issued, also where
// the operator is managed elsewhere: an account that signed itself is what a
// store hands out, and never what comes back.
func (o *operator) accountOutside(token, subject string) (*account, error) {
	ac, err := claims.VerifyAccount(token, o.claims, false)
	if err == nil {
		err = admit(ac, subject)
	}
	if err != nil {
		return nil, err
	}
	return &account{ac.Name, ac, token}, nil
}

// userOutside lets a user in that the account issued.
func userOutside(token, subject string, ac *account) (*user, error) {
	uc, err := claims.VerifyUser(token, ac.claims)
	if err == nil {
		err = admit(uc, subject)
	}
	if err != nil {
		return nil, err
	}
	return &user{uc.Name, uc, token}, nil
}

// admit refuses what is about somebody else, and a name that leads out of the
// store or upsets a terminal.
func admit(c jwt.Claims, subject string) error {
	if subject != "" && c.Claims().Subject != subject {
		return claims.NotAbout(c, subject)
	}
	return jwtstore.CheckName(c.Claims().Name)
}
