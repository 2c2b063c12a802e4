package claims

import "github.com/nats-io/jwt/v2"

// NewDeletion returns a request to servers to delete accounts. They accept it from
// the key issuer of an operator that they trust, if that signs it itself.
func NewDeletion(issuer string, accounts []string) *jwt.GenericClaims {
	c := jwt.NewGenericClaims(issuer)
	c.Data["accounts"] = accounts
	return c
}
