package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// How what is in force compares with the store.
const (
	comparedSame    = "same"
	comparedOlder   = "older" // than the store's
	comparedNewer   = "newer"
	comparedOther   = "other"   // signed in the same second, or no token
	comparedUnknown = "unknown" // to the store
	comparedNothing = ""        // not in force
)

// accountOnServers is an account as servers apply it.
type accountOnServers struct {
	*serverRoll
	Name      string            `json:"name"`
	PublicKey string            `json:"public_key"`
	Servers   []accountOnServer `json:"servers"`

	nameOf func(public string) (string, error)
}

type accountOnServer struct {
	resolver.AccountInfo
	Store string `json:"store"` // how it compares with the store
}

// compareInForce compares what a server applies with the store's account, which
// may be none.
func compareInForce(f resolver.InForce, ac *account) string {
	switch {
	case f.State != resolver.Loaded:
		return comparedNothing
	case ac == nil:
		return comparedUnknown
	case f.Token == ac.token:
		return comparedSame
	}
	theirs, err := jwt.DecodeAccountClaims(f.Token)
	if err != nil {
		return comparedOther
	}
	switch cmp.Compare(theirs.IssuedAt, ac.claims.IssuedAt) {
	case -1:
		return comparedOlder
	case 1:
		return comparedNewer
	}
	return comparedOther
}

func (v *accountOnServers) err() error {
	if err := v.serverRoll.err(); err != nil {
		return err
	}
	for _, s := range v.Servers {
		switch {
		case s.State == resolver.Failed:
			return checksError{fmt.Errorf("account %q: server %q could not say: %s", v.Name, s.Server.Name, s.Message)}
		case s.Store == comparedOlder, s.Store == comparedOther:
			return withHint(checksError{fmt.Errorf("account %q: server %q applies another version than the store's", v.Name, s.Server.Name)}, "see what is different with: nkeep diff -a %q; push with: nkeep push -a %q", v.Name, v.Name)
		case s.Store == comparedNewer:
			return withHint(checksError{fmt.Errorf("account %q: server %q applies a newer version than the store's", v.Name, s.Server.Name)}, "see what is different with: nkeep diff -a %q; take it over with: nkeep pull -a %q", v.Name, v.Name)
		case slices.ContainsFunc(s.Imports, func(i resolver.Share) bool { return i.Invalid }):
			return checksError{fmt.Errorf("account %q: server %q does not apply all of its imports", v.Name, s.Server.Name)}
		}
	}
	return v.nowhere()
}

// nowhere is the error for an account that neither the store nor any server knows.
func (v *accountOnServers) nowhere() error {
	if v.Name != v.PublicKey || slices.ContainsFunc(v.Servers, func(s accountOnServer) bool { return s.State == resolver.Loaded }) {
		return nil
	}
	return missingf("account %q: is neither in the store nor at work on any server", v.Name)
}

// Text implements [render.View].
func (v *accountOnServers) Text(t *render.Text) {
	title := "Account " + v.Name
	if v.Name != v.PublicKey {
		title += " (" + v.PublicKey + ")"
	}
	table := render.Table{Title: title, Columns: render.Columns("Server", "In Force", "Since", "Clients", "Leaf Nodes", "Subscriptions", "Exports", "Imports")}
	for _, s := range v.Servers {
		if s.State != resolver.Loaded {
			table.Add(s.Server.Name, s.words(), "", "", "", "", "", "")
			continue
		}
		table.Add(s.Server.Name, s.words(), render.Time(s.Updated.Unix()).String(), strconv.Itoa(s.Clients), strconv.Itoa(s.Leafnodes), strconv.Itoa(s.Subscriptions),
			strconv.Itoa(len(s.Exports)), strconv.Itoa(len(s.Imports)))
	}
	t.Table(table)
	for _, s := range v.Servers {
		for _, i := range s.Imports {
			if i.Invalid {
				t.Colored(render.Red, "%s does not apply import %q (%s %s of account %s)", s.Server.Name, i.Name, i.Type, i.Subject, v.account(i.Account))
			}
		}
		for _, f := range s.Issues {
			t.Colored(map[bool]render.Color{true: render.Red}[f.Blocking], "%s finds: %s", s.Server.Name, f.Description)
		}
	}
	v.nameAbsent(t)
}

func (v *accountOnServers) account(public string) string {
	if name, err := v.nameOf(public); err == nil && name != "" {
		return name
	}
	return public
}

// words say what is in force.
func (s accountOnServer) words() string {
	word := map[string]string{
		comparedSame: "the store's", comparedOlder: "an older one", comparedNewer: "a newer one",
		comparedOther: "another", comparedUnknown: "not in the store",
	}[s.Store]
	switch s.State {
	case resolver.NotLoaded:
		return "not loaded"
	case resolver.NoReply:
		return "no answer"
	case resolver.Failed:
		return "not known: " + s.Message
	case resolver.Loaded:
	}
	if s.Expired {
		word += ", expired"
	}
	return word
}
