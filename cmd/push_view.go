package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nkeep/render"
	"nkeep/resolver"
)

// pushView is what became of a push.
type pushView struct {
	URL      string            `json:"url"`
	Servers  []resolver.Server `json:"servers"`
	Missing  int               `json:"missing_servers"`
	Results  []pushResult      `json:"results"`
	Summary  resolver.Summary  `json:"summary"`
	Verified bool              `json:"verified"`
	Meaning  string            `json:"meaning"`
	names    map[string]string // of the accounts, by public key
}

// pushResult is one account on one server. InForce is what was found when
// servers were asked afterwards: pushed, or kept when the account is not in use
// there yet, but stored as pushed; other, not_loaded, failed or silent when it
// is not as it should be; empty when nobody asked.
type pushResult struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Server  string `json:"server"`
	Outcome string `json:"outcome"`
	Message string `json:"message"`
	InForce string `json:"in_force"`
}

// What a server has in force after a push.
const (
	inForcePushed = "pushed"
	inForceKept   = "kept"
	inForceOther  = "other"
)

func (v *pushView) add(r resolver.Result) {
	v.Results = append(v.Results, pushResult{
		Name: v.names[r.Account], Account: r.Account, Server: r.Server.Name, Outcome: string(r.Outcome), Message: r.Message,
	})
}

func (v *pushView) sort() {
	slices.SortFunc(v.Results, func(a, b pushResult) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Server, b.Server))
	})
}

// verify asks every server what is in force: a server that took a token may
// still refuse to apply it.
func (v *pushView) verify(ctx context.Context, conn *resolver.Conn, accounts []resolver.Account, servers []resolver.Server) error {
	ids, tokens := []string{}, map[string]string{}
	for _, a := range accounts {
		ids, tokens[a.ID] = append(ids, a.ID), a.Token
	}
	err := conn.InForceEach(ctx, ids, servers, func(id string, f resolver.InForce) {
		state := string(f.State)
		if f.State == resolver.Loaded {
			state = inForceOther
			if f.Token == tokens[id] {
				state = inForcePushed
			}
		}
		for i := range v.Results {
			if r := &v.Results[i]; r.Account == id && r.Server == f.Server.Name {
				r.InForce = state
				if f.State == resolver.Failed {
					r.Message = f.Message
				}
			}
		}
	})
	if err != nil {
		return err
	}
	v.verifyKept(ctx, conn, tokens)
	v.Verified = v.refused() == 0
	return nil
}

// verifyKept looks up the accounts that no client uses yet: a server loads them
// when the first one comes.
func (v *pushView) verifyKept(ctx context.Context, conn *resolver.Conn, tokens map[string]string) {
	for i := range v.Results {
		r := &v.Results[i]
		if r.Outcome != string(resolver.Stored) || r.InForce != string(resolver.NotLoaded) {
			continue
		}
		if token, err := conn.Lookup(ctx, r.Account); err == nil && token == tokens[r.Account] {
			r.InForce = inForceKept
		}
	}
}

// refused counts what did not get through, or is not in force as pushed.
func (v *pushView) refused() int {
	n := 0
	for _, r := range v.Results {
		if r.Outcome != string(resolver.Stored) || !r.asPushed() {
			n++
		}
	}
	return n
}

// asPushed is whether nothing is known against a stored account.
func (r pushResult) asPushed() bool {
	return r.InForce == "" || r.InForce == inForcePushed || r.InForce == inForceKept
}

func (v *pushView) err() error {
	switch {
	case v.Summary.None():
		return errors.New("push: no server took any account")
	case v.refused() > 0:
		return withHint(checksError{fmt.Errorf("push: %d of %d results are not as they should be", v.refused(), len(v.Results))},
			"the table says which and why; push again when it is mended")
	case v.Missing > 0:
		return checksError{fmt.Errorf("push: %d server(s) that others know of did not answer", v.Missing)}
	}
	return nil
}

// manyResults is the number of results above which only those that need
// attention are shown to people.
const manyResults = 50

// Text implements [render.View].
func (v pushView) Text(t *render.Text) {
	table := render.Table{Title: "Push to " + v.URL, Columns: render.Columns("Account", "Server", "Result", "In Force", "Message")}
	for _, r := range v.Results {
		if len(v.Results) <= manyResults || r.Outcome != string(resolver.Stored) {
			table.Add(r.Name, r.Server, r.Outcome, r.InForce, r.Message)
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	t.Linef("%d of %d accounts on %d server(s) in %s; %s", v.Summary.Complete, v.Summary.Accounts, len(v.Servers), v.Summary.Elapsed.Round(time.Millisecond), v.Meaning)
}
