package cmd

import (
	"nkeep/claims"

	"github.com/nats-io/nkeys"
)

// systemUserName is the user of a new system account, as nsc names it.
const systemUserName = "sys"

// newSystem is a system account and its user that are about to be written.
type newSystem struct {
	account, signing, user key
}

func (a *app) newSystem() (*newSystem, error) {
	var (
		s   newSystem
		err error
	)
	if s.account, err = a.newKey(nkeys.PrefixByteAccount); err != nil {
		return nil, err
	}
	if s.signing, err = a.newKey(nkeys.PrefixByteAccount); err != nil {
		return nil, err
	}
	if s.user, err = a.newKey(nkeys.PrefixByteUser); err != nil {
		return nil, err
	}
	return &s, nil
}

// stage writes the account, signed by the operator's signer, and its user,
// signed by the account's signing key.
func (s *newSystem) stage(c *change, operator string, by signer) ([]entity, error) {
	ac := claims.NewSystemAccount(s.account.public, s.signing.public)
	account, err := c.addAccount(operator, s.account, ac, by)
	if err != nil {
		return nil, err
	}
	if err := c.putSigningKeys([]key{s.signing}, &account); err != nil {
		return nil, err
	}
	uc := claims.NewUser(s.user.public, systemUserName)
	uc.IssuerAccount = s.account.public
	user, err := c.addUser(operator, claims.SystemAccountName, s.user, uc, signerOf(s.signing.public, s.signing.pair))
	if err != nil {
		return nil, err
	}
	return []entity{account, user}, nil
}
