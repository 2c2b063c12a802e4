package cmd

import (
	"slices"
	"strings"

	"nkeep/resolver"
)

// serverRoll is which servers answered, and which did not.
type serverRoll struct {
	URL string `json:"url"`
	absence

	servers []resolver.Server
	stats   []resolver.Statistics // of the same servers
}

// find is where a server stands that is given by its name or its id.
func (r *serverRoll) find(nameOrID string) (int, error) {
	var found, names []string
	at := -1
	for i, s := range r.servers {
		if s.ID == nameOrID {
			return i, nil
		}
		if names = append(names, s.Name); s.Name == nameOrID {
			found, at = append(found, s.ID), i
		}
	}
	switch len(found) {
	case 0:
		return 0, withHint(missingf("server %q: did not answer the roll call", nameOrID), "those that did: %s", strings.Join(names, ", "))
	case 1:
		return at, nil
	}
	return 0, withHint(usagef("server %q: is the name of %d servers", nameOrID, len(found)), "give an id: %s", strings.Join(found, ", "))
}

// silent adds a server that answered the roll call and then no more.
func (r *serverRoll) silent(s resolver.Server) {
	if !slices.Contains(r.Absent, s.Name) {
		r.Absent = append(r.Absent, s.Name)
		slices.Sort(r.Absent)
		r.Missing++
	}
}

func (r *serverRoll) err() error {
	if r.Missing == 0 {
		return nil
	}
	return r.owed("")
}
