package render

import (
	"time"

	"github.com/nats-io/jwt/v2"
)

// Operator shows operator claims.
func Operator(c *jwt.OperatorClaims, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		var f fields
		f.identity("Name", "Operator ID", c.Claims(), names, now)
		f.optional("Account JWT Server", c.AccountServerURL)
		f.list("Operator Service URLs", c.OperatorServiceURLs)
		f.optional("System Account", names.full(c.SystemAccount))
		f.optional("Minimum Server Version", c.AssertServerVersion)
		f.yesNo("Require Signing Keys", c.StrictSigningKeyUsage)
		f.set("Signing Keys", c.SigningKeys)
		f.set("Tags", c.Tags)
		t.Fields("Operator Details", f)
	}}
}
