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
)

// diffView is how the store and servers differ.
type diffView struct {
	URL     string             `json:"url"`
	Servers []resolver.Profile `json:"servers"`
	absence
	Silent    []string       `json:"silent_servers"` // which did not say what they store
	Different bool           `json:"different"`
	Operators []operatorDiff `json:"operators"`
	Accounts  []diffAccount  `json:"accounts"`
}

// diffAccount is one account. Servers and Copies hold only what is different.
type diffAccount struct {
	Name      string       `json:"name"`
	Account   string       `json:"account"` // public key
	Outcome   string       `json:"outcome"`
	Message   string       `json:"message"`
	Servers   []diffServer `json:"servers"`    // where something else is in force, or who did not say
	Copies    []diffCopy   `json:"copies"`     // stored tokens that say something else
	NotLoaded []string     `json:"not_loaded"` // servers without a store where it is not in use
}

// diffServer is an account in force on a server. Changes lead from what is there to
// what is here.
type diffServer struct {
	Server  string          `json:"server"`
	State   string          `json:"state"` // loaded, failed or silent
	Issued  render.Time     `json:"issued"`
	Message string          `json:"message"`
	Changes []claims.Change `json:"changes"`
}

// diffCopy is a stored token, and how many servers have it.
type diffCopy struct {
	Count   int             `json:"count"`
	Issued  render.Time     `json:"issued"`
	Message string          `json:"message"`
	Changes []claims.Change `json:"changes"`
}

// How an account differs.
const (
	diffSame      = "same"
	diffDiffers   = "differs"
	diffOnlyHere  = "only_here"
	diffOnlyThere = "only_there"
	diffUnknown   = "unknown" // cannot be compared, or nothing is in force and servers keep no store
)

// view makes the result.
func (c *comparison) view(url string) *diffView {
	v := &diffView{
		URL: url, Servers: c.servers, absence: c.absence, Silent: c.silent,
		Operators: compareOperator(c.op, c.operators),
	}
	for public, a := range c.accounts {
		v.Accounts = append(v.Accounts, c.row(public, a))
	}
	slices.SortFunc(v.Accounts, func(a, b diffAccount) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account))
	})
	slices.SortFunc(v.Operators, func(a, b operatorDiff) int { return cmp.Compare(a.Source, b.Source) })
	v.Different = v.accountsDiffer() ||
		slices.ContainsFunc(v.Operators, func(d operatorDiff) bool { return d.Outcome != operatorSame })
	return v
}

func (c *comparison) row(public string, a *compared) diffAccount {
	local := c.local[public]
	row := diffAccount{Name: local.name, Account: public, Servers: append(a.force, a.unsure...), NotLoaded: a.idle}
	slices.Sort(row.NotLoaded)
	slices.SortFunc(row.Servers, func(a, b diffServer) int { return cmp.Compare(a.Server, b.Server) })
	for token, count := range a.copies {
		copied := diffCopy{Count: count}
		copied.Changes, copied.Issued, copied.Message = a.differences(token)
		if len(copied.Changes) > 0 || copied.Message != "" {
			row.Copies = append(row.Copies, copied)
		}
		row.Name = cmp.Or(row.Name, nameIn(token))
	}
	slices.SortFunc(row.Copies, func(a, b diffCopy) int {
		return cmp.Or(cmp.Compare(b.Issued, a.Issued), cmp.Compare(b.Count, a.Count))
	})
	row.Outcome, row.Message = c.verdict(public, a, len(row.Copies))
	if row.Outcome == diffOnlyThere {
		row.Servers, row.Copies = nil, nil
	}
	return row
}

// verdict says how an account differs, of which a number of stored copies do.
func (c *comparison) verdict(public string, a *compared, copies int) (outcome, message string) {
	_, here := c.local[public]
	stored := a.listed+a.loaded+a.same+len(a.copies)+len(a.force) > 0
	cached := c.cached[public]
	switch {
	case a.failure != nil:
		return diffUnknown, a.failure.Error()
	case !here && stored:
		return diffOnlyThere, ""
	case !here && len(cached) > 0:
		return diffOnlyThere, "in the cache of " + firstOf(cached, 5)
	case !here:
		return diffUnknown, "is neither here nor there"
	case !stored && c.told:
		return diffOnlyHere, ""
	case len(a.lacking) > 0:
		return diffDiffers, "is not stored on " + firstOf(a.lacking, 5)
	case len(a.force)+copies > 0:
		return diffDiffers, ""
	case len(a.unsure) > 0:
		return diffUnknown, "not all servers said what is in force"
	case !stored:
		return diffUnknown, notInForce
	}
	return diffSame, ""
}

// notInForce is said of an account that is at work on no server.
const notInForce = "is in force on no server: nobody uses it"

// nameIn is the name that a foreign token gives itself.
func nameIn(token string) string {
	if ac, err := claims.ReadAccount(token); err == nil {
		return ac.Name
	}
	return ""
}

func (v *diffView) count(outcome string) (n int) {
	for _, a := range v.Accounts {
		if a.Outcome == outcome {
			n++
		}
	}
	return n
}

// unloaded counts the accounts about which servers without a store can say nothing.
func (v *diffView) unloaded() (n int) {
	for _, a := range v.Accounts {
		if a.Outcome == diffUnknown && a.Message == notInForce {
			n++
		}
	}
	return n
}

func (v *diffView) accountsDiffer() bool { return v.count(diffSame)+v.unloaded() < len(v.Accounts) }

func (v *diffView) err() error {
	switch {
	case v.Different && !v.accountsDiffer():
		return withHint(checksError{errors.New("servers know the operator otherwise than it is here")}, "pushes do not change that: generate their configuration again, and restart them; see: nkeep generate config --help")
	case v.Different:
		return withHint(checksError{errors.New("the store and servers are different")}, "bring servers up to date with: nkeep push -A, or the store with: nkeep pull -A")
	case v.Missing > 0:
		return v.failure(checksError{fmt.Errorf("%s did not answer, and may have something else", v.who())})
	case len(v.Silent) > 0:
		return checksError{fmt.Errorf("servers did not say which accounts they have: %s", firstOf(v.Silent, 20))}
	}
	return nil
}

// Text implements [render.View].
func (v diffView) Text(t *render.Text) {
	table := render.Table{Title: "Differences to " + v.URL, Columns: []render.Column{{Name: "Account"}, {Name: "Public Key", ID: true}, {Name: "Result"}, {Name: "Message"}}}
	for _, a := range v.Accounts {
		if a.Outcome != diffSame {
			table.Add(a.Name, a.Account, strings.ReplaceAll(a.Outcome, "_", " "), a.Message)
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	for _, a := range v.Accounts {
		a.text(t)
	}
	showOperators(t, v.Operators)
	v.nameAbsent(t)
	v.idle(t)
	t.Linef("%s the same on %s", outOf(v.count(diffSame), len(v.Accounts)), v.where())
}

// idle tells on which servers accounts could not be compared, since nobody uses them
// there. That is no difference.
func (v *diffView) idle(t *render.Text) {
	idle := map[string]int{}
	for _, a := range v.Accounts {
		if a.Outcome == diffUnknown { // it is said why
			continue
		}
		for _, name := range a.NotLoaded {
			idle[name]++
		}
	}
	for _, s := range v.Servers {
		if n := idle[s.Name]; n > 0 {
			t.Linef("server %s, %s: %s not loaded there, nothing to compare", render.Escape(s.Name), resolverPhrase(s.Resolver), plural(n, "account"))
		}
	}
}

func (v *diffView) where() string {
	if len(v.Servers) == 0 {
		return v.URL
	}
	return plural(len(v.Servers), "server")
}

// text shows the claims in which an account differs, from there to here.
func (a diffAccount) text(t *render.Text) {
	for _, s := range a.Servers {
		t.Linef("account %q in force on server %q%s%s", a.Name, s.Server, issuedAt(s.Issued), about(s.State, s.Message))
		t.Changes(s.Changes, "")
	}
	for _, c := range a.Copies {
		t.Linef("account %q as stored on %s%s%s", a.Name, plural(c.Count, "server"), issuedAt(c.Issued), about("", c.Message))
		t.Changes(c.Changes, "")
	}
}

func issuedAt(at render.Time) string {
	if at == 0 {
		return ""
	}
	return ", issued " + at.String()
}

func about(state, message string) string {
	switch {
	case message != "":
		return ": " + message
	case state != "" && state != string(resolver.Loaded):
		return ": " + state
	}
	return ""
}
