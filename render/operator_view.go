package render

import (
	"time"

	"github.com/nats-io/jwt/v2"
)

// Operator shows operator claims.
func Operator(c *jwt.OperatorClaims, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		var f fields
		f.identity(labelName, "Operator ID", c.Claims(), names, now)
		f.optional(labelAccountServer, c.AccountServerURL)
		f.list(labelServiceURLs, c.OperatorServiceURLs)
		f.optional(labelSystemAccount, names.full(c.SystemAccount))
		f.optional(labelMinimumVersion, c.AssertServerVersion)
		f.yesNo(labelRequireKeys, c.StrictSigningKeyUsage)
		f.set(labelSigningKeys, c.SigningKeys)
		f.set(labelTags, c.Tags)
		t.Fields("Operator Details", f)
	}}
}
