package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"unicode"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// wellKnown is an operator that goes by a name everywhere.
type wellKnown struct {
	name string
	url  string // of its token
}

// wellKnown are the operators that need no URL: the one that is built in, and those
// that variables declare, as NSC_<NAME>_OPERATOR in whatever case.
func (a *app) wellKnown() []wellKnown {
	known := []wellKnown{{"synadia", "https://api.synadia.io/jwt/v1/operator"}}
	if a.env.Environ == nil {
		return known
	}
	const prefix, suffix = "nsc_", "_operator"
	for _, variable := range a.env.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		lower := strings.ToLower(name)
		if len(name) > len(prefix+suffix) && strings.HasPrefix(lower, prefix) && strings.HasSuffix(lower, suffix) && value != "" {
			known = append(known, wellKnown{name[len(prefix) : len(name)-len(suffix)], value})
		}
	}
	return known
}

// wellKnownURL is where the token of a well-known operator is served.
func (a *app) wellKnownURL(name string) (string, bool) {
	known := a.wellKnown()
	for i := range known {
		if k := known[len(known)-1-i]; strings.EqualFold(k.name, name) { // what people declare goes first
			return k.url, true
		}
	}
	return "", false
}

// operatorURL is where a well-known operator's token is served; anything else
// is its own source.
func (a *app) operatorURL(source string) string {
	if known, ok := a.wellKnownURL(source); ok {
		return known
	}
	return source
}

// errUnknownOperator tells how operators become well known.
func (a *app) errUnknownOperator(name string) error {
	return withHint(missingf("operator %q: is not well known", name), "known are: %s", a.wellKnownNames(name))
}

// wellKnownNames lists those that are well known, and says how another becomes so.
func (a *app) wellKnownNames(other string) string {
	var names []string
	for _, k := range a.wellKnown() {
		names = append(names, k.name)
	}
	if strings.ContainsFunc(other, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		other = "NAME"
	}
	return fmt.Sprintf("%s; declare another with the variable NSC_%s_OPERATOR, the URL of its token", strings.Join(names, ", "), strings.ToUpper(other))
}

// remoteOperator is an operator that somebody else runs, as it is served.
type remoteOperator struct {
	name   string // that it gets here
	token  string
	claims *jwt.OperatorClaims
}

// fetchOperator gets an operator from a file, a URL or by a well-known name. It is
// called as its token says, or by its well-known name if it is served on that host.
func (a *app) fetchOperator(ctx context.Context, source string) (r remoteOperator, err error) {
	address := a.operatorURL(source)
	if r.token, err = a.fetchToken(ctx, address); err != nil {
		return r, hintIf(err, fs.ErrNotExist, "give the file of a token, a URL that serves it, as https://HOST/jwt/v1/operator, or a name that is well known: "+a.wellKnownNames(source))
	}
	if r.claims, err = operatorOutside(r.token, ""); err != nil {
		return r, fmt.Errorf("operator from %q: %w", source, err)
	}
	if r.name = a.wellKnownAt(address); r.name == "" {
		r.name = r.claims.Name
	}
	return r, nil
}

// wellKnownAt is the name of the well-known operator that a host serves.
func (a *app) wellKnownAt(address string) string {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return ""
	}
	for _, k := range a.wellKnown() {
		if u, err := url.Parse(k.url); err == nil && strings.EqualFold(u.Host, at.Host) && jwtstore.CheckName(k.name) == nil {
			return k.name
		}
	}
	return ""
}

// accountServer is the URL of its account server, which must speak HTTP.
func (r remoteOperator) accountServer() (string, error) {
	if base := r.claims.AccountServerURL; isHTTP(base) {
		return base, nil
	}
	return "", withHint(fmt.Errorf("operator %q: its token names no HTTP account server, where accounts are handed over", r.claims.Name),
		"take the operator alone with: nkeep add operator --url; then its accounts are carried by hand")
}

// managed is the operator of a managed store that it is going to be.
func (r remoteOperator) managed(a *app) *operator {
	return &operator{store: &jwtstore.Store{Name: r.name, Managed: true}, claims: r.claims, token: r.token, app: a}
}
