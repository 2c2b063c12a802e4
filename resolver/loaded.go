package resolver

import (
	"context"
	"encoding/json"
	"slices"
)

// LoadedAccounts are the accounts at work on one server, whatever it stores.
type LoadedAccounts struct {
	Server        Server   `json:"server"`
	Accounts      []string `json:"accounts"` // public keys, and names of a server's own accounts, sorted
	SystemAccount string   `json:"system_account"`
	Message       string   `json:"message,omitempty"` // the server's words, if it could not say
	Silent        bool     `json:"silent,omitempty"`
}

// LoadedAccounts asks servers that answered a roll call which accounts they have
// loaded. The answers are sorted by server name, silent servers included.
func (c *Conn) LoadedAccounts(ctx context.Context, expect []Server) ([]LoadedAccounts, error) {
	list := []LoadedAccounts{}
	total := 0
	err := c.askAll(ctx, expect, subjectAccountz, nil, func(r reply) bool {
		l := LoadedAccounts{Server: r.server, Accounts: []string{}}
		if r.fault != nil {
			l.Message = clip(r.fault.Description, maxMessage)
			list = append(list, l)
			return true
		}
		var z struct {
			System   string   `json:"system_account"`
			Accounts []string `json:"accounts"`
		}
		if json.Unmarshal(r.data, &z) != nil || total+len(z.Accounts) > maxListed {
			return false
		}
		total += len(z.Accounts)
		for _, id := range z.Accounts {
			l.Accounts = append(l.Accounts, clip(id, maxName))
		}
		slices.Sort(l.Accounts)
		l.Accounts, l.SystemAccount = slices.Compact(l.Accounts), clip(z.System, maxName)
		list = append(list, l)
		return true
	}, func(s Server) { list = append(list, LoadedAccounts{Server: s, Accounts: []string{}, Silent: true}) })
	slices.SortFunc(list, func(a, b LoadedAccounts) int { return compareServers(a.Server, b.Server) })
	return list, err
}

// askAll puts one question to all of some servers.
func (c *Conn) askAll(ctx context.Context, expect []Server, subject string, body []byte, heard func(reply) bool, silent func(Server)) error {
	return c.sweep(ctx, sweep{
		topic: subject, count: 1, inFlight: 1, expect: expect,
		question: func(int) (string, []byte) { return subject, body },
		heard:    func(_ int, r reply) bool { return heard(r) },
		silent:   func(_ int, s Server) { silent(s) },
		nobody:   ErrNotSystem,
	})
}
