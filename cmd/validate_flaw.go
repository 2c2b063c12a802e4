package cmd

import (
	"slices"

	"nkeep/jwtstore"
)

// What a flaw is in.
const (
	whatToken = "token"
	whatKey   = "key"
	whatCreds = "creds"
)

// flaw is something amiss with one file of an entity.
type flaw struct {
	Severity  severity `json:"severity"`
	Kind      string   `json:"kind"` // of the entity: operator, account, user; in a file also other kinds of token
	Name      string   `json:"name"`
	Account   string   `json:"account"`    // of a user
	PublicKey string   `json:"public_key"` // of the entity, or the key that is at fault
	What      string   `json:"what"`       // token, key, creds
	File      string   `json:"file"`
	Line      int      `json:"line"`  // of a token in a file of several, else 0
	Field     string   `json:"field"` // of the claims, where it is known
	Problem   string   `json:"problem"`
	TimeIssue bool     `json:"time_issue"` // in order, but not in force now
}

func (f flaw) says(grade severity, problem string) flaw {
	f.Severity, f.Problem = grade, problem
	return f
}

// failed is the flaw that a file cannot be relied upon. What stands beside
// the problem is left out of it.
func (f flaw) failed(err error) flaw {
	return f.says(severityError, why(err))
}

// title is what findings are shown under.
func (f flaw) title() string {
	switch {
	case f.Line > 0:
		return f.File
	case f.owner() == "":
		return "Operator " + f.Name
	}
	return "Account " + f.owner()
}

// owner is the account that a flaw belongs to, empty for the operator.
func (f flaw) owner() string {
	if f.Kind == jwtstore.KindAccount {
		return f.Name
	}
	return f.Account
}

func (f flaw) rank() int {
	return slices.Index([]string{whatToken, whatKey, whatCreds}, f.What)
}
