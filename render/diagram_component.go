package render

import (
	"fmt"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// DiagramAccount is an account in a diagram.
type DiagramAccount struct {
	Name   string
	Claims *jwt.AccountClaims // nil if they cannot be read
	Users  []DiagramUser
	Issues []string // what is amiss with it
}

// DiagramUser is a user in a diagram.
type DiagramUser struct {
	Name   string
	Claims *jwt.UserClaims // nil if they cannot be read
	Issues []string
}

// ComponentDiagram shows what accounts export and who imports it. With detail it has the descriptions, too. An import
// whose export is not among the accounts leads to a node that says so.
func ComponentDiagram(operator string, accounts []DiagramAccount, detail bool) Diagram {
	c := components{
		Diagram: Diagram{title: fmt.Sprintf("Exports and imports of operator %s", operator)}, detail: detail,
		accounts: map[string]*DiagramAccount{}, exports: map[*jwt.Export]int{}, missing: map[string]int{},
	}
	nodes := make([]int, len(accounts))
	for i := range accounts {
		nodes[i] = c.account(&accounts[i])
	}
	for i := range accounts {
		if accounts[i].Claims == nil {
			continue
		}
		for _, im := range accounts[i].Claims.Imports {
			if im == nil { // no command makes one, and a token may hold it
				continue
			}
			c.edges = append(c.edges, diagramEdge{from: nodes[i], to: c.source(im), label: importLabel(im), dotted: true})
		}
	}
	return c.Diagram
}

// components is a component diagram in the making.
type components struct {
	Diagram
	detail   bool
	accounts map[string]*DiagramAccount // by public key
	exports  map[*jwt.Export]int        // nodes
	missing  map[string]int             // nodes, by title
}

// account adds an account and its exports.
func (c *components) account(ac *DiagramAccount) int {
	n := diagramNode{kind: accountNode, title: ac.Name, notes: ac.Issues}
	if ac.Claims == nil {
		return c.add(n)
	}
	c.accounts[ac.Claims.Subject] = ac
	if c.detail && ac.Claims.Description != "" {
		n.lines = append(n.lines, ac.Claims.Description)
	}
	node := c.add(n)
	for _, x := range ac.Claims.Exports {
		if x == nil {
			continue
		}
		c.exports[x] = c.add(c.export(x))
		c.join(node, c.exports[x])
	}
	return node
}

func (c *components) export(x *jwt.Export) diagramNode {
	what := x.Type.String()
	if x.TokenReq {
		what = "private " + what
	}
	n := diagramNode{kind: exportNode, title: fmt.Sprintf("%s %s", what, x.Subject)}
	if x.Name != "" && x.Name != string(x.Subject) {
		n.lines = append(n.lines, x.Name)
	}
	if c.detail && x.Description != "" {
		n.lines = append(n.lines, x.Description)
	}
	return n
}

// source is the node that an import leads to.
func (c *components) source(im *jwt.Import) int {
	ac, known := c.accounts[im.Account]
	if !known {
		return c.absent(fmt.Sprintf("account %s", im.Account))
	}
	for _, x := range ac.Claims.Exports {
		if x != nil && claims.Uses(im, im.Account, x) {
			return c.exports[x]
		}
	}
	return c.absent(fmt.Sprintf("%s %s of account %s", im.Type, claims.RemoteSubject(im), ac.Name))
}

func (c *components) absent(title string) int {
	node, ok := c.missing[title]
	if !ok {
		node = c.add(diagramNode{kind: missingNode, title: title, lines: []string{"not found"}})
		c.missing[title] = node
	}
	return node
}

// importLabel says which subject an import asks for, and under which other one it is used.
func importLabel(im *jwt.Import) string {
	remote := string(claims.RemoteSubject(im))
	local := string(im.LocalSubject)
	switch to := im.GetTo(); {
	case local == "" && to != "" && im.IsStream(): // the older form: a prefix
		local = to + "." + remote
	case local == "" && im.IsService():
		local = string(im.Subject)
	}
	if local != "" && local != remote {
		return fmt.Sprintf("%s as %s", remote, local)
	}
	return remote
}
