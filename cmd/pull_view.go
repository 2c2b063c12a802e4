package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize"
)

// pullView is what became of a pull.
type pullView struct {
	URL     string             `json:"url"`
	Servers []resolver.Profile `json:"servers"`
	absence
	Silent    []string       `json:"silent_servers"` // which did not say what they store
	Operators []operatorDiff `json:"operators"`
	Accounts  []pulled       `json:"accounts"`
	Users     []pulledUser   `json:"users"`   // of a store that is made anew
	Deleted   []entity       `json:"deleted"` // accounts that no server has, and their users
	one       bool           // account is asked for, and no other
}

func newPullView(url string, h *harvest) *pullView {
	return &pullView{URL: url, Servers: h.servers, absence: h.absence, Silent: h.silent, one: h.only != ""}
}

// pulled is what became of one account.
type pulled struct {
	Name    string          `json:"name"`
	Account string          `json:"account"` // public key
	Outcome string          `json:"outcome"`
	Message string          `json:"message"`
	Issued  render.Time     `json:"issued"` // the newest token that servers have
	Changes []claims.Change `json:"changes"`
}

// pulledUser is what became of creds of which a user was made.
type pulledUser struct {
	Name    string `json:"name"`
	Account string `json:"account"` // its name
	Outcome string `json:"outcome"`
	Message string `json:"message"`
}

// What becomes of an account.
const (
	pullAdded     = "added"
	pullUpdated   = "updated"
	pullUnchanged = "unchanged"
	pullNewer     = "newer_here"
	pullRefused   = "refused" // not to be believed, or not readable
	pullClash     = "clash"   // another account has its name
	pullAbsent    = "absent"  // no server has it
	pullUnknown   = "unknown" // no server has it of those that answered
	pullDeleted   = "deleted" // here, since no server has it
)

func (p pulled) refuse(why string) pulled {
	p.Outcome, p.Message, p.Changes = pullRefused, why, nil
	return p
}

func (p pulledUser) refuse(err error) pulledUser {
	p.Outcome, p.Message = pullRefused, err.Error()
	return p
}

func (v *pullView) sort() {
	slices.SortFunc(v.Accounts, func(a, b pulled) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account))
	})
	slices.SortFunc(v.Users, func(a, b pulledUser) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(v.Operators, func(a, b operatorDiff) int { return cmp.Compare(a.Source, b.Source) })
}

func (v *pullView) count(outcome string) (n int) {
	for _, p := range v.Accounts {
		if p.Outcome == outcome {
			n++
		}
	}
	return n
}

func (v *pullView) err() error {
	bad := v.count(pullRefused) + v.count(pullClash)
	for _, u := range v.Users {
		if u.Outcome == pullRefused || u.Outcome == pullClash {
			bad++
		}
	}
	switch {
	case v.one && v.count(pullAbsent) > 0:
		return missingf("account %q: no server has it", cmp.Or(v.Accounts[0].Name, v.Accounts[0].Account))
	case bad > 0:
		return withHint(checksError{fmt.Errorf("pull: %d of %d were not taken", bad, len(v.Accounts)+len(v.Users))}, "the result says which and why")
	case len(v.Silent) > 0:
		return checksError{fmt.Errorf("pull: servers did not say which accounts they have: %s", firstOf(v.Silent, 20))}
	case v.Missing > 0:
		return v.failure(checksError{fmt.Errorf("pull: %s did not answer, and may have something newer", v.who())})
	case v.one && v.count(pullUnknown) > 0:
		return missingf("account %q: %s", cmp.Or(v.Accounts[0].Name, v.Accounts[0].Account), v.Accounts[0].Message)
	case len(v.Accounts) == 0:
		return errors.New("pull: there is no account, neither here nor on servers")
	case v.count(pullAbsent) == len(v.Accounts):
		return withHint(missingf("pull: no account is on %s", v.URL), "accounts get there with: nkeep push -A; the URL of an account server ends in /jwt/v1")
	}
	for _, d := range v.Operators {
		if d.Outcome == operatorRefused {
			return checksError{fmt.Errorf("pull: the operator of %q: %s", d.Source, d.Message)}
		}
	}
	return nil
}

// Text implements [render.View].
func (v *pullView) Text(t *render.Text) {
	table := render.Table{Title: "Pull from " + v.URL, Columns: []render.Column{{Name: "Account"}, {Name: "Public Key", ID: true}, {Name: "Result"}, {Name: "Message"}}}
	for _, p := range v.Accounts {
		if len(v.Accounts) <= manyResults || p.Outcome != pullUnchanged && p.Outcome != pullAdded {
			table.Add(p.Name, p.Account, strings.ReplaceAll(p.Outcome, "_", " "), p.Message)
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	for _, u := range v.Users {
		if u.Outcome != pullAdded {
			t.Linef("user %q of account %q: %s: %s", u.Name, u.Account, u.Outcome, u.Message)
		}
	}
	showOperators(t, v.Operators)
	for _, e := range v.Deleted {
		t.Linef("%s %s %q", e.Action, e.Kind, e.Name)
		e.text(t)
	}
	v.nameAbsent(t)
	t.Linef("%s", v.summary())
}

// summary counts what became of accounts, and of users.
func (v *pullView) summary() string {
	var parts []string
	for _, outcome := range []string{pullAdded, pullUpdated, pullUnchanged, pullNewer, pullRefused, pullClash, pullAbsent, pullUnknown, pullDeleted} {
		if n := v.count(outcome); n > 0 {
			parts = append(parts, humanize.Comma(int64(n))+" "+strings.ReplaceAll(outcome, "_", " "))
		}
	}
	text := plural(len(v.Accounts), "account")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if len(v.Users) > 0 {
		added := 0
		for _, u := range v.Users {
			if u.Outcome == pullAdded {
				added++
			}
		}
		text += fmt.Sprintf("; %d of %s made from creds", added, plural(len(v.Users), "user"))
	}
	return text
}
