package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
)

// ImportSpec is all there is to say of an import. Account, Service and Subject are
// what identifies it.
type ImportSpec struct {
	// Account is the public key of the account that exports.
	Account string `json:"account"`
	// Service is set for a service; what is none is a stream.
	Service bool `json:"service,omitempty"`
	// Subject is what is imported, as the exporting account knows it.
	Subject string `json:"subject"`
	// LocalSubject is what it is called in the importing account; "" for the same.
	// The wildcards of Subject stand in it as $1, $2 and so on, or as * in their
	// order, each of them once; {{wildcard(1)}} is another way to write $1.
	LocalSubject string `json:"local_subject,omitempty"`
	Name         string `json:"name,omitempty"`
	// Share lets a service know who asks, for its latency measurements.
	Share bool `json:"share,omitempty"`
	// AllowTrace lets message traces of a stream go on into the importing account.
	AllowTrace bool `json:"allow_trace,omitempty"`
	// Token is the activation that a private export asks for.
	Token string `json:"token,omitempty"`
}

// Fill takes from an activation and its token what they decide, and the name unless
// there is one.
func (s *ImportSpec) Fill(token string, act *jwt.ActivationClaims) {
	s.Token, s.Account = token, Exporter(act)
	s.Service, s.Subject = act.IsService(), string(act.ImportSubject)
	if s.Name == "" {
		s.Name = act.Name
	}
}

// NewImport returns the import that s describes, named after its subject unless s
// names it. It does not look at the activation.
func NewImport(s ImportSpec) (*jwt.Import, error) {
	im := &jwt.Import{
		Name: s.Name, Account: s.Account, Type: jwt.Stream, Subject: jwt.Subject(s.Subject),
		Share: s.Share, AllowTrace: s.AllowTrace, Token: s.Token,
	}
	if s.Service {
		im.Type = jwt.Service
	}
	if im.Name == "" {
		im.Name = s.Subject
	}
	errs := importProblems(im)
	if len(errs) == 0 {
		var err error
		im.LocalSubject, err = renaming(s.LocalSubject, s.Subject)
		errs = append(errs, err)
	}
	return im, importError(im, errs...)
}

// AddImport adds an import to c and returns what changed. It refuses one that the
// limits of c do not allow, whose activation is not for it or has expired at now, or
// that another import is in the way of; for the same type, account and subject the
// error wraps ErrPresent. The imports are sorted by subject then, as jwt writes them.
func AddImport(c *jwt.AccountClaims, im *jwt.Import, now time.Time) ([]Change, error) {
	errs := append(tokenProblems(c, im, now), otherImports(c, im))
	if im.Account == c.Subject {
		errs = append(errs, errors.New("comes from the account that imports it"))
	}
	if err := errors.Join(fitImport(c), importError(im, errs...)); err != nil {
		return nil, err
	}
	list := append(slices.Clone(c.Imports), im)
	slices.SortStableFunc(list, func(a, b *jwt.Import) int { return strings.Compare(string(a.Subject), string(b.Subject)) })
	change, err := whole(importField(slices.Index(list, im)), nil, im)
	if err != nil {
		return nil, err
	}
	c.Imports = list
	return []Change{change}, nil
}

// ImportRef says which imports of an account are meant; a zero field takes any.
type ImportRef struct {
	Account string         `json:"account,omitempty"` // public key
	Subject string         `json:"subject,omitempty"` // as the exporting account knows it
	Name    string         `json:"name,omitempty"`
	Type    jwt.ExportType `json:"type,omitempty"`
}

// FindImports returns the indices of the imports that ref means, in the order of the
// claims. Subjects are compared as they are written: a wildcard in ref stands for
// itself.
func FindImports(c *jwt.AccountClaims, ref ImportRef) []int {
	var found []int
	for i, im := range c.Imports {
		if (ref.Account == "" || ref.Account == im.Account) &&
			(ref.Subject == "" || ref.Subject == string(RemoteSubject(im))) &&
			(ref.Name == "" || ref.Name == im.Name) &&
			(ref.Type == jwt.Unknown || ref.Type == im.Type) {
			found = append(found, i)
		}
	}
	return found
}

// RemoveImport removes the import at index i of c and returns what changed.
func RemoveImport(c *jwt.AccountClaims, i int) ([]Change, error) {
	change, err := whole(importField(i), c.Imports[i], nil)
	if err != nil {
		return nil, err
	}
	c.Imports = slices.Delete(slices.Clone(c.Imports), i, i+1)
	return []Change{change}, nil
}

func importField(i int) string { return fmt.Sprintf("nats.imports[%d]", i) }
