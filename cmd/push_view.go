package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nkeep/render"
	"nkeep/resolver"
)

// What a push means.
const (
	meaningEverywhere = "taken by every server"
	meaningOnDemand   = "taken by every server that keeps accounts; those with a cache fetch them on demand"
	meaningLoaded     = "in force where it was in use already, until the server restarts: its memory or URL resolver keeps accounts elsewhere"
	meaningPosted     = "taken by the account server: servers see it when they fetch the account next"
	meaningPartly     = "not taken everywhere"
	meaningUseless    = "taken, and not in force as pushed"
)

// pushTotals is a push without its single results.
type pushTotals struct {
	rollView
	Summary  resolver.Summary `json:"summary"`
	Refused  int              `json:"refused"` // results that are not as they should be
	Verified bool             `json:"verified"`
	Meaning  string           `json:"meaning"`
}

// pushView is what became of a push.
type pushView struct {
	pushTotals
	Results []pushResult `json:"results"`

	names map[string]string        // of the accounts, by public key
	place map[accountAt]int        // of a result
	kinds map[string]resolver.Kind // of the servers, by id
	count resolver.Count
	told  func(event string, r pushResult)
}

// accountAt is an account on a server.
type accountAt struct{ account, server string }

// pushResult is one account on one server. InForce is what was found when
// servers were asked afterwards: pushed, or kept when the account is not in use
// there yet, but stored as pushed; other, not_loaded, untrusted, expired, failed or
// silent when it is not as it should be; empty when nobody asked.
type pushResult struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Server  string `json:"server"`
	Outcome string `json:"outcome"`
	Message string `json:"message"`
	InForce string `json:"in_force"`
}

func newPushView(roll *rollView, list []*outgoing, told func(string, pushResult)) *pushView {
	v := &pushView{pushTotals: pushTotals{rollView: *roll}, names: map[string]string{}, place: map[accountAt]int{}, kinds: map[string]resolver.Kind{}, told: told}
	for _, out := range list {
		v.names[out.head.Subject] = out.name
	}
	for _, s := range v.Servers {
		v.kinds[s.ID] = s.Resolver
	}
	v.count = resolver.NewCount(accountsOf(list), resolver.Roll{Servers: v.plain(), Missing: v.Missing})
	return v
}

func (v *pushView) add(r resolver.Result) {
	v.count.Add(r)
	one := pushResult{Name: v.names[r.Account], Account: r.Account, Server: r.Server.Name, Outcome: string(r.Outcome), Message: r.Message}
	if r.Outcome == resolver.Skipped && v.kinds[r.Server.ID] == resolver.KindCache && v.hasKind(resolver.KindFull) {
		one.InForce = inForceOnDemand
	}
	v.place[accountAt{r.Account, r.Server.ID}] = len(v.Results)
	v.Results = append(v.Results, one)
	if v.told != nil {
		v.told(eventResult, one)
	}
}

func (v *pushView) result(account string, s resolver.Server) *pushResult {
	i, ok := v.place[accountAt{account, s.ID}]
	if !ok {
		return nil
	}
	return &v.Results[i]
}

// found notes what is in force on a server.
func (v *pushView) found(account string, s resolver.Server, state, message string) {
	r := v.result(account, s)
	if r == nil || r.InForce == inForceOnDemand && state == string(resolver.NotLoaded) {
		return
	}
	if r.InForce = state; state == string(resolver.Failed) {
		r.Message = message
	}
}

// silentServer is whether a server left out some answer.
func (v *pushView) silentServer(id string) bool {
	return slices.ContainsFunc(v.Summary.Servers, func(s resolver.ServerTally) bool { return s.Server.ID == id && s.Silent > 0 })
}

// finish adds up, and sorts for people.
func (v *pushView) finish(elapsed time.Duration) {
	v.Summary = v.count.Summary(elapsed)
	if n := v.onDemand(); n > 0 {
		v.Summary.Complete += n
		if v.Meaning == meaningEverywhere {
			v.Meaning = meaningOnDemand
		}
	}
	v.Refused = v.refused()
	if v.Refused > 0 || v.Missing > 0 {
		v.Meaning = meaningPartly
	}
}

// onDemand counts the accounts that servers with a cache skipped, and all others have:
// those with a cache fetch them from the others once somebody comes.
func (v *pushView) onDemand() (n int) {
	skipped, good := map[string]bool{}, map[string]int{}
	for _, r := range v.Results {
		switch {
		case r.InForce == inForceOnDemand:
			skipped[r.Account] = true
			good[r.Account]++
		case r.Outcome == string(resolver.Stored), r.Outcome == string(resolver.Unchanged):
			good[r.Account]++
		}
	}
	for account := range skipped {
		if good[account] == len(v.Servers) {
			n++
		}
	}
	return n
}

// verified is called once servers have told what is in force.
func (v *pushView) verified(told func(string, pushResult)) {
	v.Refused = v.refused()
	v.Verified = v.Refused == 0
	if v.Refused > 0 && v.Meaning != meaningPartly {
		v.Meaning = meaningUseless
	}
	if told == nil {
		return
	}
	for _, r := range v.Results {
		told(eventInForce, r)
	}
}

// refused counts what did not get through, or is not in force as pushed.
func (v *pushView) refused() int {
	n := 0
	for _, r := range v.Results {
		if !r.good() {
			n++
		}
	}
	return n
}

// good is whether an account got through, and nothing is known against it.
func (r pushResult) good() bool {
	switch r.InForce {
	case inForcePushed, inForceKept:
		return r.Outcome != string(resolver.Silent) && r.Outcome != string(resolver.Rejected)
	case inForceOnDemand:
		return true
	case "":
		return slices.Contains([]resolver.Outcome{resolver.Stored, resolver.Unchanged, resolver.Deferred}, resolver.Outcome(r.Outcome))
	}
	return false
}

func (v *pushView) err() error {
	switch {
	case v.Summary.None() && v.Summary.Accounts > 0:
		return withHint(errors.New("push: no server took any account"), "%s", v.remedy())
	case v.Refused > 0:
		return withHint(checksError{fmt.Errorf("push: %d of %d results are not as they should be", v.Refused, len(v.Results))}, "%s", v.remedy())
	case v.Missing > 0:
		return v.owed("push: ", "push again when all are there: until then who is missing keeps what it has")
	}
	return nil
}

// remedy is what helps against results that are not as they should be.
func (v *pushView) remedy() string {
	switch {
	case v.Summary.Results.Skipped > 0 && v.hasKind(resolver.KindOther):
		return "servers with a memory or URL resolver skip what nobody uses there: change their configuration (nkeep generate config --mem-resolver), or what their URL serves"
	case v.Summary.None() && v.hasKind(resolver.KindHTTP):
		return "the results say why; the URL of an account server ends in /jwt/v1"
	}
	return "the results say which and why; push again when it is mended"
}

// manyResults is the number of results above which only those that need attention
// are shown to people, and of those no more than that.
const manyResults = 50

// Text implements [render.View].
func (v pushView) Text(t *render.Text) {
	slices.SortFunc(v.Results, func(a, b pushResult) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Server, b.Server))
	})
	table := render.Table{Title: "Push to " + v.URL, Columns: render.Columns("Account", "Server", "Result", "In Force", "Message")}
	left := 0
	for _, r := range v.Results {
		switch {
		case len(v.Results) > manyResults && r.good():
		case len(table.Rows) >= manyResults:
			left++
		default:
			table.Add(r.Name, r.Server, r.Outcome, r.InForce, r.Message)
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	if left > 0 {
		t.Linef("and %d more results that need attention; --json shows all", left)
	}
	if len(v.Results) > manyResults {
		v.servers(t)
	}
	v.nameAbsent(t)
	t.Linef("%s on %s in %s; %s", outOf(v.Summary.Complete, v.Summary.Accounts), plural(len(v.Servers), "server"), v.Summary.Elapsed.Round(time.Millisecond), v.Meaning)
}

// servers shows what each server did.
func (v pushView) servers(t *render.Text) {
	table := render.Table{Title: "Servers", Columns: render.Columns("Server", "Resolver", "Stored", "Unchanged", "Skipped", "Rejected", "Silent")}
	for _, s := range v.Summary.Servers {
		row := []string{s.Server.Name, resolverName(v.kinds[s.Server.ID])}
		for _, n := range []int{s.Stored, s.Unchanged, s.Skipped, s.Rejected, s.Silent} {
			row = append(row, strconv.Itoa(n))
		}
		table.Add(row...)
	}
	t.Table(table)
}
