package claims

import (
	"github.com/nats-io/jwt/v2"
)

// version is the claims format that this package builds and accepts.
const version = 2

// NewOperator returns the claims of a new operator whose identity is the
// operator public key pub. It is self-issued until someone else signs it.
func NewOperator(pub, name string) *jwt.OperatorClaims {
	c := &jwt.OperatorClaims{}
	c.Subject, c.Issuer, c.Name = pub, pub, name
	c.Type, c.Version = jwt.OperatorClaim, version
	return c
}

// NewAccount returns the claims of a new account whose identity is the account
// public key pub: nothing is limited, and JetStream is off.
func NewAccount(pub, name string) *jwt.AccountClaims {
	c := &jwt.AccountClaims{}
	c.Subject, c.Name = pub, name
	c.Type, c.Version = jwt.AccountClaim, version
	c.Limits.NatsLimits = unlimited()
	c.Limits.AccountLimits = jwt.AccountLimits{
		Imports:         jwt.NoLimit,
		Exports:         jwt.NoLimit,
		WildcardExports: true,
		Conn:            jwt.NoLimit,
		LeafNodeConn:    jwt.NoLimit,
	}
	c.SigningKeys = jwt.SigningKeys{}
	return c
}

// NewUser returns the claims of a new user whose identity is the user public
// key pub: it may do everything its account may. A user that a scoped key will
// sign has to pass through Scope first.
func NewUser(pub, name string) *jwt.UserClaims {
	c := &jwt.UserClaims{}
	c.Subject, c.Name = pub, name
	c.Type, c.Version = jwt.UserClaim, version
	c.NatsLimits = unlimited()
	return c
}

// NewTemporaryUser returns the claims of a user that may publish to pub and
// subscribe to sub and to nothing else, until expires (Unix seconds). It is
// meant for a connection that one command opens and closes again; a signing
// key of issuerAccount may sign it. An empty list permits nothing.
func NewTemporaryUser(subject, name, issuerAccount string, pub, sub []string, expires int64) *jwt.UserClaims {
	c := NewUser(subject, name)
	c.IssuerAccount = issuerAccount
	c.Expires = expires
	c.Pub = only(pub)
	c.Sub = only(sub)
	return c
}

// only permits the listed subjects. For nats-server an empty list of allowed
// subjects means all of them, so "none" has to be written as a denial.
func only(subjects []string) jwt.Permission {
	if len(subjects) == 0 {
		return jwt.Permission{Deny: jwt.StringList{">"}}
	}
	return jwt.Permission{Allow: append(jwt.StringList(nil), subjects...)}
}

func unlimited() jwt.NatsLimits {
	return jwt.NatsLimits{Subs: jwt.NoLimit, Data: jwt.NoLimit, Payload: jwt.NoLimit}
}
