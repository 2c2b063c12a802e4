package cmd

import (
	"errors"
	"fmt"
	"slices"
)

// checkStrict makes sure that nothing would be stranded when identity keys lose
// the right to sign: there is a signing key, it has issued every account, and
// no account's identity key has issued a user.
func checkStrict(op *operator) error {
	if len(op.claims.SigningKeys) == 0 {
		return withHint(fmt.Errorf("operator %q: has no signing key to require", op.store.Name), "add one in the same command: --sk generate")
	}
	accounts, err := op.store.Accounts()
	if err != nil {
		return err
	}
	var bad []string
	for _, a := range accounts {
		if a.Err != nil {
			return a.Err
		}
		if !slices.Contains(op.claims.SigningKeys, a.Head.Issuer) {
			bad = append(bad, fmt.Sprintf("account %q", a.Name))
		}
		users, err := op.store.Users(a.Name)
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.Head.Issuer == a.Head.Subject {
				bad = append(bad, fmt.Sprintf("user %q of account %q", u.Name, a.Name))
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return withHint(errors.New("require signing keys: issued by an identity key: "+firstOf(bad, 5)), "sign them again with a signing key: nkeep edit account NAME -K KEY, nkeep edit user NAME -K KEY")
}
