package claims

import (
	"github.com/nats-io/jwt/v2"
)

// SystemAccountName is the name of the system account that NewSystemAccount builds.
const SystemAccountName = "SYS"

// systemInfoURL leads to the description of both exports of a system account.
const systemInfoURL = "https://docs.nats.io/nats-server/configuration/sys_accounts"

// NewSystemAccount returns the claims of a system account with one signing key
// and the two public exports through which other accounts may watch themselves:
// their events, and the monitoring requests about them. In both, one token of
// the subject is pinned to the importing account, so nobody sees another's.
func NewSystemAccount(pub, signingKey string) *jwt.AccountClaims {
	c := NewAccount(pub, SystemAccountName)
	c.SigningKeys.Add(signingKey)
	c.Exports = jwt.Exports{
		{
			Name:                 "account-monitoring-streams",
			Subject:              "$SYS.ACCOUNT.*.>",
			Type:                 jwt.Stream,
			AccountTokenPosition: 3,
			Info: jwt.Info{
				Description: "Events about the importing account: connections opened and closed, and their number",
				InfoURL:     systemInfoURL,
			},
		},
		{
			Name:                 "account-monitoring-services",
			Subject:              "$SYS.REQ.ACCOUNT.*.*",
			Type:                 jwt.Service,
			ResponseType:         jwt.ResponseTypeStream,
			AccountTokenPosition: 4,
			Info: jwt.Info{
				Description: "Requests about the importing account: SUBSZ, CONNZ, LEAFZ, JSZ, INFO and STATZ",
				InfoURL:     systemInfoURL,
			},
		},
	}
	return c
}
