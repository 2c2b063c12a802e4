package claims

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/nats-io/jwt/v2"
)

// MappingEdit changes which subjects messages go to that are published to another.
// Removing comes first.
type MappingEdit struct {
	// Remove takes targets away. A reference that means none is an error that wraps
	// ErrAbsent. A subject without targets left is not mapped any more.
	Remove []MappingRef `json:"remove,omitempty"`
	// Set adds targets, or changes the weight of those that are there.
	Set []MappingTarget `json:"set,omitempty"`
}

// MappingTarget is one subject that another is mapped to.
type MappingTarget struct {
	From string `json:"from"`
	// To may take tokens out of From, as $1 or {{wildcard(1)}}.
	To string `json:"to"`
	// Weight is the share of the messages in percent, up to 100 over all targets of
	// a subject in a cluster; 0 means 100.
	Weight uint8 `json:"weight,omitempty"`
	// Cluster is where the target holds; "" for clusters that have none of their own.
	Cluster string `json:"cluster,omitempty"`
}

// MappingRef says which targets of a subject are meant; a zero field takes any.
type MappingRef struct {
	From    string  `json:"from"`
	To      string  `json:"to,omitempty"`
	Cluster *string `json:"cluster,omitempty"` // to "" for targets without a cluster
}

// Empty reports whether the edit changes nothing.
func (e MappingEdit) Empty() bool { return len(e.Remove) == 0 && len(e.Set) == 0 }

// apply leaves the mapping alone that it is given, and puts another in its place.
func (e MappingEdit) apply(m *jwt.Mapping) error {
	if e.Empty() {
		return nil
	}
	next := jwt.Mapping{}
	maps.Copy(next, *m)
	var errs []error
	for _, ref := range e.Remove {
		errs = append(errs, ref.remove(next))
	}
	for _, t := range e.Set {
		errs = append(errs, t.set(next))
	}
	for _, from := range e.subjects() {
		targets := next[from]
		if err := errors.Join(targetsProblem(from, targets), weightsProblem(targets)); err != nil {
			errs = append(errs, fmt.Errorf("mapping %q: %w", clip(string(from)), err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(next) == 0 {
		next = nil
	}
	*m = next
	return nil
}

// subjects are those whose targets the edit sets: what it takes away cannot break
// what is left.
func (e MappingEdit) subjects() []jwt.Subject {
	var set []jwt.Subject
	for _, t := range e.Set {
		set = append(set, jwt.Subject(t.From))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// means reports whether a target is among those that are meant.
func (r MappingRef) means(t jwt.WeightedMapping) bool {
	return (r.To == "" || r.To == string(t.Subject)) && (r.Cluster == nil || *r.Cluster == t.Cluster)
}

func (r MappingRef) remove(m jwt.Mapping) error {
	from := jwt.Subject(r.From)
	rest := slices.DeleteFunc(slices.Clone(m[from]), r.means)
	if len(rest) == len(m[from]) {
		return fmt.Errorf("mapping %s: %w", r, ErrAbsent)
	}
	m[from] = rest
	if len(rest) == 0 {
		delete(m, from)
	}
	return nil
}

// String is the reference as messages name it.
func (r MappingRef) String() string {
	s := fmt.Sprintf("%q", clip(r.From))
	if r.To != "" {
		s += fmt.Sprintf(" to %q", clip(r.To))
	}
	if r.Cluster != nil {
		s += fmt.Sprintf(" in cluster %q", clip(*r.Cluster))
	}
	return s
}

// HasMapping reports whether c maps the subject to the target in the cluster,
// with whatever weight.
func HasMapping(c *jwt.AccountClaims, t MappingTarget) bool {
	return indexTarget(c.Mappings[jwt.Subject(t.From)], t.To, t.Cluster) >= 0
}

func indexTarget(targets []jwt.WeightedMapping, to, cluster string) int {
	return slices.IndexFunc(targets, func(t jwt.WeightedMapping) bool { return string(t.Subject) == to && t.Cluster == cluster })
}

func (t MappingTarget) set(m jwt.Mapping) error {
	if err := t.check(); err != nil {
		return err
	}
	from, next := jwt.Subject(t.From), jwt.WeightedMapping{Subject: jwt.Subject(t.To), Weight: t.Weight, Cluster: t.Cluster}
	targets := slices.Clone(m[from])
	switch i := indexTarget(targets, t.To, t.Cluster); {
	case i < 0:
		targets = append(targets, next)
	case targets[i].GetWeight() != next.GetWeight(): // 0 and 100 are the same
		targets[i] = next
	}
	m[from] = targets
	return nil
}

func (t MappingTarget) check() error {
	return errors.Join(
		checkSubject("mapping", t.From),
		checkSubject("target", t.To),
		checkCluster(t.Cluster),
	)
}

// checkCluster refuses what cannot be the name of a cluster.
func checkCluster(name string) error {
	if name == "" {
		return nil
	}
	return checkSubject("cluster", name)
}
