package claims

import (
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
)

func TestCountersigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tc := range map[string]struct {
		change  func(*jwt.AccountClaims)
		fields  string
		refused string
	}{
		"as it was": {change: func(*jwt.AccountClaims) {}},
		"issuer":    {change: func(c *jwt.AccountClaims) { c.Issuer = w.op.Subject }},
		"limits":    {change: func(c *jwt.AccountClaims) { c.Limits.Conn, c.Limits.DiskStorage = 5, 7 }, fields: "nats.limits.conn nats.limits.disk_storage"},
		"tiers": {change: func(c *jwt.AccountClaims) {
			c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{"R1": {DiskStorage: 1}}
		}, fields: "nats.limits.tiered_limits.R1.disk_storage"},
		"expiry":      {change: func(c *jwt.AccountClaims) { c.Expires = 1 << 40 }, fields: "exp"},
		"name":        {change: func(c *jwt.AccountClaims) { c.Name = "other" }, fields: "name"},
		"description": {change: func(c *jwt.AccountClaims) { c.Description, c.Tags = "d", jwt.TagList{"x"} }, fields: "nats.description nats.tags"},

		"key":    {change: func(c *jwt.AccountClaims) { c.SigningKeys.Add(w.aSignPub) }, refused: "nats.signing_keys"},
		"export": {change: func(c *jwt.AccountClaims) { c.Exports.Add(&jwt.Export{Subject: "x", Type: jwt.Stream}) }, refused: "nats.exports"},
		"import": {change: func(c *jwt.AccountClaims) {
			c.Imports.Add(&jwt.Import{Subject: "x", Account: w.op.Subject, Type: jwt.Stream})
		}, refused: "nats.imports"},
		"revocation":  {change: func(c *jwt.AccountClaims) { c.Revoke("*") }, refused: "nats.revocations"},
		"permissions": {change: func(c *jwt.AccountClaims) { c.DefaultPermissions.Pub.Allow.Add("x") }, refused: "nats.default_permissions"},
		"subject":     {change: func(c *jwt.AccountClaims) { c.Subject = w.op.Subject }, refused: "sub"},
		"callout":     {change: func(c *jwt.AccountClaims) { c.Authorization.AuthUsers.Add("x") }, refused: "nats.authorization"},
		"mapping":     {change: func(c *jwt.AccountClaims) { c.Mappings = jwt.Mapping{"x": {{Subject: "y"}}} }, refused: "nats.mappings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent, got := NewAccount(w.ac.Subject, "A"), NewAccount(w.ac.Subject, "A")
			tc.change(got)
			changes, err := Countersigned(sent, got)
			if tc.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("error %v, want one about %q", err, tc.refused)
				}
				return
			}
			var fields []string
			for _, c := range changes {
				fields = append(fields, c.Field)
			}
			if err != nil || strings.Join(fields, " ") != tc.fields {
				t.Errorf("changed %q, want %q; error %v", fields, tc.fields, err)
			}
		})
	}
}
