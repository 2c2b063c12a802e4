package cmd

import (
	"context"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

func newServerAccounts(a *app) *cobra.Command {
	o := &servers{app: a}
	c := &cobra.Command{
		Use:   "accounts",
		Short: "List the accounts that servers have loaded",
		Long: `List the accounts that servers have loaded, with their names in the store, and mark
those that it does not know. A server loads an account when the first client comes,
or another account imports from it: more can be stored there, see nkeep diff.

Exit code 5 means that a server is missing.`,
		Example: `  nkeep server accounts
  nkeep server accounts --json | jq -r '.accounts[] | select(.known | not) | .public_key'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.accounts(c.Context()) },
	}
	o.bind(c)
	return c
}

func (s *servers) accounts(ctx context.Context) error {
	q, err := s.begin(ctx, resolver.AskAccounts)
	if err != nil {
		return err
	}
	defer q.close()
	loaded, err := q.conn.LoadedAccounts(ctx, q.servers)
	if err != nil {
		return err
	}
	v := &loadedView{serverRoll: q.serverRoll, Accounts: []*loadedAccount{}}
	v.collect(loaded)
	if err := v.name(q.nameOf()); err != nil {
		return err
	}
	return s.conclude(v)
}

// loadedView is which accounts are at work.
type loadedView struct {
	*serverRoll
	Accounts []*loadedAccount `json:"accounts"`
}

// loadedAccount is an account at work somewhere.
type loadedAccount struct {
	Name      string   `json:"name"`       // in the store; empty if it does not know it
	PublicKey string   `json:"public_key"` // or the name of an account that servers have of their own
	Known     bool     `json:"known"`      // to the store, or the servers' own
	System    bool     `json:"system"`
	Servers   []string `json:"servers"`
}

// collect turns what each server has around.
func (v *loadedView) collect(loaded []resolver.LoadedAccounts) {
	byKey := map[string]*loadedAccount{}
	for _, l := range loaded {
		if l.Silent || l.Message != "" {
			v.silent(l.Server)
		}
		for _, public := range l.Accounts {
			ac := byKey[public]
			if ac == nil {
				ac = &loadedAccount{PublicKey: public, Servers: []string{}}
				byKey[public] = ac
				v.Accounts = append(v.Accounts, ac)
			}
			ac.Servers = append(ac.Servers, l.Server.Name)
			ac.System = ac.System || public == l.SystemAccount
		}
	}
}

// name looks the accounts up in the store, and sorts those that it does not know
// to the end.
func (v *loadedView) name(nameOf func(string) (string, error)) (err error) {
	for _, ac := range v.Accounts {
		if !nkeys.IsValidPublicAccountKey(ac.PublicKey) {
			ac.Known = true
			continue
		}
		if ac.Name, err = nameOf(ac.PublicKey); err != nil {
			return err
		}
		ac.Known = ac.Name != ""
	}
	slices.SortFunc(v.Accounts, func(a, b *loadedAccount) int {
		if a.Known != b.Known {
			return map[bool]int{true: -1, false: 1}[a.Known]
		}
		return strings.Compare(a.Name+" "+a.PublicKey, b.Name+" "+b.PublicKey)
	})
	return nil
}

// Text implements [render.View].
func (v *loadedView) Text(t *render.Text) {
	table := render.Table{Title: "Accounts at work on " + v.URL, Columns: render.Columns("Name", "Public Key", "Servers", "")}
	for _, ac := range v.Accounts {
		mark := ""
		switch {
		case !ac.Known:
			mark = "not in the store"
		case ac.System:
			mark = "system account"
		case ac.Name == "":
			mark = "of the server itself"
		}
		where := strings.Join(ac.Servers, ", ")
		if len(ac.Servers) == len(v.servers) && len(v.servers) > 1 {
			where = "all"
		}
		table.Add(ac.Name, ac.PublicKey, where, mark)
	}
	t.Table(table)
	v.nameAbsent(t)
}
