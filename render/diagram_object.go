package render

import (
	"fmt"
	"slices"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// ObjectOptions say how much an object diagram shows.
type ObjectOptions struct {
	Keys   bool // public keys
	Detail bool // every limit, permission and tag, instead of the limits that were set
}

// DiagramOperator is the operator of a diagram.
type DiagramOperator struct {
	Name   string
	Claims *jwt.OperatorClaims
	Issues []string
}

// ObjectDiagram shows an operator, its accounts and their users, those that are handed over, with their limits.
func ObjectDiagram(op DiagramOperator, accounts []DiagramAccount, o ObjectOptions) Diagram {
	d := Diagram{title: fmt.Sprintf("Accounts of operator %s", op.Name), objects: true}
	top := d.add(diagramNode{operatorNode, op.Name, o.operator(op.Claims), op.Issues})
	for _, ac := range accounts {
		node := d.add(diagramNode{accountNode, ac.Name, o.account(ac.Claims), ac.Issues})
		d.join(top, node)
		for _, u := range ac.Users {
			d.join(node, d.add(diagramNode{userNode, u.Name, o.user(ac.Claims, u.Claims), u.Issues}))
		}
	}
	return d
}

func (o ObjectOptions) operator(c *jwt.OperatorClaims) []string {
	var f fields
	o.identity(&f, c.Claims())
	if o.Keys {
		f.set("Signing Key", c.SigningKeys)
	}
	if o.Detail {
		f.list("Service URL", c.OperatorServiceURLs)
		f.optional("Account Server", c.AccountServerURL)
		f.yesNo("Strict", c.StrictSigningKeyUsage)
		f.set("Tag", c.Tags)
	}
	return f.lines()
}

func (o ObjectOptions) account(c *jwt.AccountClaims) []string {
	if c == nil {
		return nil
	}
	var f fields
	o.identity(&f, c.Claims())
	if o.Keys {
		f.list("Signing Key", signingKeys(c.SigningKeys))
	}
	if o.Detail {
		f.optional("Description", c.Description)
	}
	var limits fields
	limits.accountLimits(&c.Limits)
	f.kept(limits, o.Detail)
	if c.Limits.IsJSEnabled() {
		f.add("JetStream", "Enabled")
	}
	if o.Detail {
		f.permissions(&c.DefaultPermissions)
		f.set("Tag", c.Tags)
	}
	return f.lines()
}

// user shows a user with what the role allows that it was signed with, if there is one.
func (o ObjectOptions) user(ac *jwt.AccountClaims, c *jwt.UserClaims) []string {
	if c == nil {
		return nil
	}
	var f fields
	o.identity(&f, c.Claims())
	rights := &c.UserPermissionLimits
	if scope, ok := claims.ScopeOf(ac, c.Issuer); ok {
		f.add("Role", scope.Role)
		rights = &scope.Template
	}
	var limits fields
	limits.rights(rights)
	f.kept(limits, o.Detail)
	if o.Detail {
		f.set("Tag", c.Tags)
	}
	return f.lines()
}

// identity adds the public key, if it is to be shown, and the time when the token ends.
func (o ObjectOptions) identity(f *fields, c *jwt.ClaimsData) {
	if o.Keys {
		f.add("Key", c.Subject)
	}
	if c.Expires != 0 {
		f.add("Expires", Time(c.Expires).String())
	}
}

// kept adds limits: all of them, or those that differ from what an entity begins with.
func (f *fields) kept(limits fields, all bool) {
	usual := [][2]string{{"Wildcard Exports", "Yes"}, {"Bearer Tokens Allowed", "Yes"}, {"JetStream", "Disabled"}, {"Bearer Token", "No"}}
	for _, l := range limits {
		if all || l[1] != "Unlimited" && !slices.Contains(usual, l) {
			f.add(l[0], l[1])
		}
	}
}

// lines are fields as they stand in a diagram. A field without a name goes on with the one above.
func (f *fields) lines() []string {
	var out []string
	name := ""
	for _, l := range *f {
		if l[0] != "" {
			name = l[0]
		}
		out = append(out, name+": "+l[1])
	}
	return out
}
