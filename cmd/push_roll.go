package cmd

import (
	"errors"
	"fmt"
	"slices"

	"nkeep/claims"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// rollView is which servers there are, and what they are.
type rollView struct {
	URL     string             `json:"url"`
	Servers []resolver.Profile `json:"servers"`
	absence
	Standing []serverStanding `json:"trust"`
}

// serverStanding is what a server makes of the operator.
type serverStanding struct {
	Server  string `json:"server"`
	Trusts  bool   `json:"trusts"`
	Current bool   `json:"current"` // it knows the operator as it is here
	Problem string `json:"problem"`
}

func newDeletionOfNothing(issuer string) *jwt.GenericClaims {
	return claims.NewDeletion(issuer, []string{})
}

// judge compares the operator that servers know with the one that is here.
func (v *rollView) judge(op *operator) {
	for _, s := range v.Servers {
		v.Standing = append(v.Standing, standingOf(s, op))
	}
}

func standingOf(s resolver.Profile, op *operator) serverStanding {
	st := serverStanding{Server: s.Name, Trusts: true, Current: true}
	if len(s.Operators) == 0 {
		return st // it did not say
	}
	i := slices.IndexFunc(s.Operators, func(o resolver.Operator) bool { return o.Subject == op.claims.Subject })
	if i < 0 {
		st.Trusts, st.Current = false, false
		st.Problem = fmt.Sprintf("trusts another operator than %q: it will not use its accounts", op.store.Name)
		return st
	}
	theirs, ours := slices.Clone(s.Operators[i].SigningKeys), slices.Clone([]string(op.claims.SigningKeys))
	slices.Sort(theirs)
	slices.Sort(ours)
	if token := s.Operators[i].Token; token != "" {
		st.Current = token == op.token
	}
	if !slices.Equal(theirs, ours) || s.Operators[i].Strict != op.claims.StrictSigningKeyUsage {
		st.Current = false
		st.Problem = fmt.Sprintf("knows other signing keys of operator %q than there are here: write its configuration again, and restart it", op.store.Name)
	}
	return st
}

func (v *rollView) err() error {
	switch {
	case v.Missing > 0:
		return v.owed("")
	case slices.ContainsFunc(v.Standing, func(s serverStanding) bool { return s.Problem != "" }):
		return checksError{errors.New("roll call: not all servers know the operator as it is here")}
	}
	return nil
}

// Text implements [render.View].
func (v rollView) Text(t *render.Text) {
	table := render.Table{Title: "Servers of " + v.URL, Columns: render.Columns("Name", "Version", "Cluster", "Resolver", "Operator", "Deletion")}
	for i, s := range v.Servers {
		deletion := "unknown"
		if s.Deletes != nil {
			deletion = map[bool]string{true: "allowed", false: "not allowed"}[*s.Deletes]
		}
		table.Add(s.Name, s.Version, s.Cluster, resolverName(s.Resolver), operatorStanding(s, v.Standing[i]), deletion)
	}
	for _, name := range v.Absent {
		table.Add(name, "", "", "", "no answer", "")
	}
	t.Table(table)
	v.countUnnamed(t)
}

func resolverName(k resolver.Kind) string {
	if k == resolver.KindOther {
		return "memory or URL"
	}
	return string(k)
}

// resolverPhrase is a kind of resolver in a sentence.
func resolverPhrase(k resolver.Kind) string {
	switch k {
	case resolver.KindCache:
		return "with a cache"
	case resolver.KindOther:
		return "with a memory or URL resolver"
	case resolver.KindFull:
		return "with a store"
	case resolver.KindUnknown, resolver.KindHTTP:
	}
	return "of which it is not known what it keeps"
}

func operatorStanding(s resolver.Profile, st serverStanding) string {
	switch {
	case len(s.Operators) == 0:
		return "unknown"
	case !st.Trusts:
		return "not trusted"
	case !st.Current:
		return "trusted, another version"
	}
	return "trusted"
}
