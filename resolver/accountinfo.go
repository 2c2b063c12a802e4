package resolver

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// AccountInfo is an account as one server applies it now, with what came of its
// claims there.
type AccountInfo struct {
	InForce
	JetStream     bool      `json:"jetstream"`
	Leafnodes     int       `json:"leafnodes"` // connections
	Subscriptions int       `json:"subscriptions"`
	Exports       []Share   `json:"exports"`
	Imports       []Share   `json:"imports"`
	Issues        []Finding `json:"issues"` // that the server has with the claims
}

// Share is an export or an import.
type Share struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Type    string `json:"type"`              // stream or service
	Account string `json:"account,omitempty"` // imports: whose export, a public key
	Invalid bool   `json:"invalid"`           // imports: the server does not apply it
}

// Finding is something that a server has to say about claims.
type Finding struct {
	Description string `json:"description"`
	Blocking    bool   `json:"blocking"`
}

// AccountInfo asks servers that answered a roll call what they make of an account.
// The answers are sorted by server name, silent servers included.
func (c *Conn) AccountInfo(ctx context.Context, accountID string, expect []Server) ([]AccountInfo, error) {
	if err := checkAccountID(accountID); err != nil {
		return nil, err
	}
	list := []AccountInfo{}
	err := c.askAll(ctx, expect, prefixAccount+accountID+suffixInfo, nil, func(r reply) bool {
		f, ok := decodeInForce(accountID, r)
		if !ok {
			return false
		}
		a := AccountInfo{InForce: f}
		if f.State == Loaded && !a.fill(r.data) {
			return false
		}
		list = append(list, a.bounded())
		return true
	}, func(s Server) {
		list = append(list, AccountInfo{InForce: InForce{Server: s, State: NoReply}}.bounded())
	})
	slices.SortFunc(list, func(a, b AccountInfo) int { return compareServers(a.Server, b.Server) })
	return list, err
}

// fill reads what [decodeInForce] leaves aside.
func (a *AccountInfo) fill(data []byte) bool {
	var info struct {
		JetStream     bool      `json:"jetstream_enabled"`
		Leafnodes     int       `json:"leafnode_connections"`
		Subscriptions int       `json:"subscriptions"`
		Exports       []Share   `json:"exports"`
		Imports       []Share   `json:"imports"`
		Issues        []Finding `json:"validation_result_jwt"`
	}
	if json.Unmarshal(data, &info) != nil {
		return false
	}
	a.JetStream, a.Leafnodes, a.Subscriptions = info.JetStream, info.Leafnodes, info.Subscriptions
	a.Exports, a.Issues = info.Exports, info.Issues
	// Servers give every account some imports from the system account.
	a.Imports = slices.DeleteFunc(info.Imports, func(s Share) bool { return strings.HasPrefix(s.Subject, "$SYS.REQ.") })
	return true
}

// bounded is the account with no list missing and no text too long.
func (a AccountInfo) bounded() AccountInfo {
	a.Exports, a.Imports = boundedShares(a.Exports), boundedShares(a.Imports)
	issues := []Finding{}
	for _, f := range a.Issues[:min(len(a.Issues), maxStrings)] {
		issues = append(issues, Finding{clip(f.Description, maxMessage), f.Blocking})
	}
	a.Issues = issues
	return a
}

func boundedShares(list []Share) []Share {
	bounded := []Share{}
	for _, s := range list[:min(len(list), maxServers)] {
		s.Name, s.Subject, s.Type, s.Account = clip(s.Name, maxName), clip(s.Subject, maxMessage), clip(s.Type, maxName), clip(s.Account, maxName)
		bounded = append(bounded, s)
	}
	return bounded
}
