package cmd

import (
	"time"

	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// outlive sees to it that what is signed next for these keys is not revoked from
// the start. A revocation takes in what is issued in its own second: should that
// not be over yet, it waits for the next. Of one that lies ahead it warns.
func (a *app) outlive(ac *account, keys ...key) {
	at := ac.claims.Revocations[jwt.All]
	for _, k := range keys {
		at = max(at, ac.claims.Revocations[k.public])
	}
	now := a.env.Now()
	switch {
	case at == now.Unix():
		time.Sleep(now.Truncate(time.Second).Add(time.Second).Sub(now))
	case at > now.Unix():
		a.out.Warnf("account %q: revokes what is issued until %s: servers refuse what is signed before", ac.name, render.Time(at))
	}
}
