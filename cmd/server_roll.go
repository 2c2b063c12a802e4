package cmd

import (
	"fmt"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
)

// serverRoll is which servers answered, and which did not.
type serverRoll struct {
	URL     string   `json:"url"`
	Missing int      `json:"missing_servers"`
	Absent  []string `json:"absent"` // names of missing servers, as far as they are known

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
	who := ""
	if len(r.Absent) > 0 {
		who = ": " + strings.Join(r.Absent, ", ")
	}
	return withHint(checksError{fmt.Errorf("%s that should be there did not answer%s", english.Plural(r.Missing, "server", ""), who)}, hintExpect)
}

// unnamed tells of missing servers whose names nobody knows.
func (r *serverRoll) unnamed(t *render.Text) {
	if n := r.Missing - len(r.Absent); n > 0 {
		t.Colored(render.Red, "%s should be there and did not answer", english.Plural(n, "more server", ""))
	}
}

// missing tells of all servers that did not answer.
func (r *serverRoll) missing(t *render.Text) {
	for _, name := range r.Absent {
		t.Colored(render.Red, "no answer from %s", name)
	}
	r.unnamed(t)
}
