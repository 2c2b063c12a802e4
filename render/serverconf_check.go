package render

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// check holds a token to the alphabet of public keys and JWTs, so that neither can be anything else in a configuration.
// Kind is the first letter of the key.
func (n NamedToken) check(what string, kind byte) error {
	const base64, base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	if len(n.ID) != 56 || n.ID[0] != kind || strings.Trim(n.ID, base32) != "" {
		return fmt.Errorf("%s %q: %q is not its public key", what, n.Name, n.ID)
	}
	if !strings.HasPrefix(n.JWT, "eyJ") || strings.Count(n.JWT, ".") != 2 || strings.Trim(n.JWT, base64+".") != "" {
		return fmt.Errorf("%s %q: no token", what, n.Name)
	}
	return nil
}

// CheckListen says whether a value can be [ServerConfig.Listen]: nothing, a port, or host:port. The port -1 lets nats-server choose one.
func CheckListen(listen string) error {
	if listen == "" {
		return nil
	}
	port := listen
	if strings.Contains(listen, ":") {
		var err error
		if _, port, err = net.SplitHostPort(listen); err != nil {
			return fmt.Errorf("listen address %q: %w", listen, err)
		}
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < -1 || n == 0 || n > 65535 || strconv.Itoa(n) != port {
		return fmt.Errorf("listen address %q: not a port or host:port", listen)
	}
	return nil
}

// resolverURL returns the URL with the slash at its end, to which nats-server appends the account. Refused is, besides what
// is no http URL, whatever nats-server would read as something else: it takes every resolver that has "mem" anywhere in
// it for the memory resolver, and ends a URL at a quote.
func resolverURL(s string) (string, error) {
	problem := func(err error) (string, error) { return "", fmt.Errorf("resolver url %q: %w", s, err) }
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return problem(errors.Unwrap(err)) // the outer error repeats the URL
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return problem(errors.New("not an http or https url"))
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return problem(errors.New("has a query or a fragment"))
	case strings.Contains(s, `"`) || strings.Contains(s, " "):
		return problem(errors.New("has a quote or a blank"))
	case regexp.MustCompile("(?i)mem").MatchString(s): // case folding as nats-server does it
		return problem(errors.New(`nats-server takes a url with "mem" in it for the memory resolver`))
	}
	return strings.TrimSuffix(s, "/") + "/", nil
}
