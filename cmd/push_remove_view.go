package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
)

// removalView is what became of accounts that were to be deleted on servers.
type removalView struct {
	URL string `json:"url"`
	absence
	Servers  []removalServer   `json:"servers"`
	Accounts []removedAccount  `json:"accounts"`
	Purged   map[string]string `json:"-"`
}

// removalServer is what one server did.
type removalServer struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // deleted, rejected, silent or elsewhere
	Message string `json:"message"`
}

// removedAccount is what became of one account. LeftOn are the servers that list it
// still, or did not say.
type removedAccount struct {
	Name      string   `json:"name"`    // empty for one that is not here
	Account   string   `json:"account"` // public key
	Outcome   string   `json:"outcome"`
	LeftOn    []string `json:"left_on"`
	JetStream string   `json:"jetstream"` // what became of its streams, if they were to go
}

// removalElsewhere is a server that has its accounts from its configuration or a URL,
// and cannot be told to delete any.
const removalElsewhere = "elsewhere"

// What becomes of an account.
const (
	removalDeleted = "deleted"
	removalKept    = "kept"
	removalAbsent  = "absent" // no server had it
)

// add counts what servers did with a part of the accounts. Whoever refuses one part
// has refused.
func (v *removalView) add(keys map[string]string, ids []string, done []resolver.Deletion) {
	for _, public := range ids {
		v.Accounts = append(v.Accounts, removedAccount{Name: keys[public], Account: public, JetStream: v.Purged[public]})
	}
	for _, d := range done {
		i := slices.IndexFunc(v.Servers, func(s removalServer) bool { return s.ID == d.Server.ID })
		if i < 0 {
			v.Servers = append(v.Servers, removalServer{Name: d.Server.Name, ID: d.Server.ID, Outcome: string(resolver.Deleted)})
			i = len(v.Servers) - 1
		}
		if d.Outcome != resolver.Deleted {
			v.Servers[i].Outcome, v.Servers[i].Message = string(d.Outcome), d.Message
		}
	}
}

// verify compares what servers listed before with what they list now.
func (v *removalView) verify(keys map[string]string, before, after []resolver.Listing) {
	had, left := map[string]bool{}, map[string][]string{}
	for _, l := range before {
		for _, public := range l.Accounts {
			had[public] = true
		}
	}
	for _, l := range after {
		for _, public := range l.Accounts {
			if _, gone := keys[public]; gone {
				left[public] = append(left[public], l.Server.Name)
			}
		}
	}
	for i := range v.Accounts {
		a := &v.Accounts[i]
		a.LeftOn = left[a.Account]
		switch {
		case len(a.LeftOn) > 0:
			a.Outcome = removalKept
		case had[a.Account]:
			a.Outcome = removalDeleted
		default:
			a.Outcome = removalAbsent
		}
	}
	slices.SortFunc(v.Servers, func(a, b removalServer) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(v.Accounts, func(a, b removedAccount) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account))
	})
}

func (v *removalView) count(outcome string) (n int) {
	for _, a := range v.Accounts {
		if a.Outcome == outcome {
			n++
		}
	}
	return n
}

func (v *removalView) err() error {
	var unsure []string
	for _, s := range v.Servers {
		if s.Outcome == string(resolver.Silent) {
			unsure = append(unsure, s.Name)
		}
	}
	kept := v.count(removalKept)
	switch {
	case kept > 0 && kept == len(v.Accounts)-v.count(removalAbsent) && len(unsure) == 0 && v.took() == 0:
		return withHint(errors.New("push: no server deleted any account"),
			"allow it with allow_delete in their configuration; until then lock an account out: nkeep edit account NAME --conns 0 --leaf-conns 0, and push it")
	case kept > 0:
		return withHint(checksError{fmt.Errorf("push: %d of %s still on servers", kept, plural(len(v.Accounts), "account"))},
			"the table says where; a server that keeps one gives it back to the others: allow deletion there, and repeat")
	case len(unsure) > 0:
		return checksError{fmt.Errorf("push: servers did not answer, and may bring accounts back: %s", firstOf(unsure, 20))}
	case v.Missing > 0 && len(v.Accounts) > 0:
		return v.failure(checksError{fmt.Errorf("push: %s did not answer, and may bring accounts back", v.who())}, "repeat this when all are there")
	case len(v.Accounts) > 0 && v.count(removalAbsent) == len(v.Accounts):
		return missingf("push: no server has %s", english.PluralWord(len(v.Accounts), "this account", "these accounts"))
	}
	return nil
}

// took counts the servers that took the request.
func (v *removalView) took() (n int) {
	for _, s := range v.Servers {
		if s.Outcome == string(resolver.Deleted) {
			n++
		}
	}
	return n
}

// Text implements [render.View].
func (v removalView) Text(t *render.Text) {
	table := render.Table{Title: "Deleted on " + v.URL, Columns: []render.Column{{Name: "Account"}, {Name: "Public Key", ID: true}, {Name: "Result"}, {Name: "Left On"}}}
	if v.Purged != nil {
		table.Columns = append(table.Columns, render.Column{Name: "Streams"})
	}
	for _, a := range v.Accounts {
		if len(v.Accounts) <= manyResults || a.Outcome == removalKept {
			cells := []string{a.Name, a.Account, a.Outcome, strings.Join(a.LeftOn, ", "), a.JetStream}
			table.Add(cells[:len(table.Columns)]...)
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	for _, s := range v.Servers {
		switch s.Outcome {
		case string(resolver.Deleted):
		case removalElsewhere:
			t.Linef("server %q: has its accounts from its configuration or a URL; delete them there", s.Name)
		default:
			t.Linef("server %q: %s%s", s.Name, s.Outcome, about("", s.Message))
		}
	}
	v.nameAbsent(t)
	if len(v.Accounts) == 0 {
		t.Linef("servers have no account that is not here")
		return
	}
	done := outOf(v.count(removalDeleted), len(v.Accounts)) + " deleted"
	if v.count(removalDeleted) > 0 {
		done += " on " + plural(v.took(), "server")
	}
	t.Linef("%s", done)
}
