package claims

import (
	"time"

	"github.com/nats-io/jwt/v2"
)

// exchange looks at what an account gives to others and takes from them. It
// stands in for the library's own validation of both lists, which compares every
// subject with every other and decodes every activation once more.
func (r *report) exchange(c *jwt.AccountClaims, now time.Time) {
	r.exchangeLimits(c)
	r.exports(c.Exports)
	r.imports(c, now)
}

func (r *report) exchangeLimits(c *jwt.AccountClaims) {
	l := c.Limits.AccountLimits
	if l.Imports != jwt.NoLimit && int64(len(c.Imports)) > l.Imports {
		r.add(LevelError, "nats.imports", "has %d imports, more than its limit of %d", len(c.Imports), l.Imports)
	}
	if l.Exports == jwt.NoLimit {
		return
	}
	if int64(len(c.Exports)) > l.Exports {
		r.add(LevelError, "nats.exports", "has %d exports, more than its limit of %d", len(c.Exports), l.Exports)
	}
	for i, e := range c.Exports {
		if e != nil && !l.WildcardExports && e.Subject.HasWildCards() {
			r.add(LevelError, exportField(i), "exports %q, and its limits allow no wildcards", e.Subject)
		}
	}
}

func (r *report) exports(exports jwt.Exports) {
	trees := map[bool]*subjectTree{true: {}, false: {}} // of services and of streams
	for i, e := range exports {
		if e == nil {
			r.add(LevelError, exportField(i), "is null")
			continue
		}
		vr := jwt.CreateValidationResults()
		e.Validate(vr)
		r.found(exportField(i), vr)
		trees[e.IsService()].add(e.Subject)
	}
	for i, e := range exports {
		if e == nil {
			continue
		}
		if by, ok := trees[e.IsService()].container(e.Subject); ok {
			r.add(LevelError, exportField(i), "%s export %q is contained in the export of %q", e.Type, e.Subject, by)
		}
	}
}

func (r *report) imports(c *jwt.AccountClaims, now time.Time) {
	trees := map[string]*subjectTree{} // of the local subjects of services, by exporter
	for i, im := range c.Imports {
		field := importField(i)
		if im == nil {
			r.add(LevelError, field, "is null")
			continue
		}
		plain := *im
		plain.Token = ""
		vr := jwt.CreateValidationResults()
		plain.Validate(c.Subject, vr)
		r.found(field, vr)
		r.activation(field, c, im, now)
		if im.IsService() {
			if trees[im.Account] == nil {
				trees[im.Account] = &subjectTree{}
			}
			trees[im.Account].add(localSubject(im))
		}
	}
	for i, im := range c.Imports {
		if im == nil || !im.IsService() {
			continue
		}
		if by, ok := trees[im.Account].container(localSubject(im)); ok {
			r.add(LevelError, importField(i), "service import %q is contained in the import of %q from the same account", localSubject(im), by)
		}
	}
}

// localSubject is the subject under which the importing account uses a service.
func localSubject(im *jwt.Import) jwt.Subject {
	if to := im.GetTo(); to != "" {
		return jwt.Subject(to)
	}
	if to := im.LocalSubject.ToSubject(); to != "" {
		return to
	}
	return im.Subject
}

// activation looks at the token by which an exporter lets the account in.
func (r *report) activation(field string, c *jwt.AccountClaims, im *jwt.Import, now time.Time) {
	if im.Token == "" {
		return
	}
	field += ".token"
	act, err := jwt.DecodeActivationClaims(im.Token)
	if err != nil {
		r.add(LevelError, field, "import %q: activation: %v", im.Subject, err)
		return
	}
	for _, err := range activationProblems(act, im, c.Subject) {
		r.add(LevelError, field, "import %q: %v", im.Subject, err)
	}
	vr := jwt.CreateValidationResults()
	act.Validate(vr)
	r.found(field, vr)
	r.validity(field, &act.ClaimsData, now)
}
