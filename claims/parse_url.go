package claims

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// ParseServiceURL reads a URL under which clients reach an operator's servers:
// nats, tls, ws or wss, a host, and no user, path or query. It comes back in lower
// case, as it is stored.
func ParseServiceURL(s string) (string, error) {
	const noun = "service URL"
	low := strings.ToLower(strings.TrimSpace(s))
	u, err := parseURL(noun, low, "nats", "tls", "ws", "wss")
	if err != nil {
		return "", err
	}
	if u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%s %q: may have neither user nor path nor query", noun, u.Redacted())
	}
	return low, nil
}

// ParseAccountServerURL reads the URL under which an operator's account tokens are
// served: over HTTP (http, https) or by the NATS servers themselves (nats, tls, ws,
// wss).
func ParseAccountServerURL(s string) (string, error) {
	s = strings.TrimSpace(s)
	_, err := parseURL("account server URL", s, "http", "https", "nats", "tls", "ws", "wss")
	return s, err
}

// parseURL reads a URL that has one of the schemes and a host. Its errors show
// no password.
func parseURL(noun, s string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The cause would quote parts of the input, a password perhaps.
		return nil, fmt.Errorf("%s: is not a URL", noun)
	}
	if !slices.Contains(schemes, u.Scheme) {
		return nil, fmt.Errorf("%s %q: scheme %q is none of %s", noun, clip(u.Redacted()), u.Scheme, strings.Join(schemes, ", "))
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%s %q: has no host", noun, clip(u.Redacted()))
	}
	return u, nil
}

// parseInfoURL reads the URL of a page about an account.
func parseInfoURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return "", fmt.Errorf("info URL %q: want a scheme and a host", clip(s))
	}
	if len(s) > jwt.MaxInfoLength {
		return "", fmt.Errorf("info URL %q: longer than %d bytes", clip(s), jwt.MaxInfoLength)
	}
	return s, nil
}
