package claims

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/jwt/v2"
)

// ConnectionTypes returns the ways of connecting that a user can be held to.
func ConnectionTypes() []string {
	return []string{
		jwt.ConnectionTypeStandard,
		jwt.ConnectionTypeWebsocket,
		jwt.ConnectionTypeLeafnode,
		jwt.ConnectionTypeLeafnodeWS,
		jwt.ConnectionTypeMqtt,
		jwt.ConnectionTypeMqttWS,
		jwt.ConnectionTypeInProcess,
	}
}

// ParseConnectionType reads one of ConnectionTypes in any case.
func ParseConnectionType(s string) (string, error) {
	t := strings.ToUpper(strings.TrimSpace(s))
	if !slices.Contains(ConnectionTypes(), t) {
		return "", fmt.Errorf("connection type %q: want one of %s", clip(s), strings.Join(ConnectionTypes(), ", "))
	}
	return t, nil
}

// ParseTimeRange reads a part of the day as hh:mm:ss-hh:mm:ss. An end before its
// start means the next day.
func ParseTimeRange(s string) (jwt.TimeRange, error) {
	start, end, _ := strings.Cut(s, "-")
	if !isTimeOfDay(start) || !isTimeOfDay(end) {
		return jwt.TimeRange{}, fmt.Errorf("time range %q: want hh:mm:ss-hh:mm:ss", clip(s))
	}
	return jwt.TimeRange{Start: start, End: end}, nil
}

// isTimeOfDay wants two digits in every place; time.Parse alone would take "9:00:00".
func isTimeOfDay(s string) bool {
	_, err := time.Parse(time.TimeOnly, s)
	return err == nil && len(s) == len(time.TimeOnly)
}

// ParseNetwork reads a network in CIDR notation.
func ParseNetwork(s string) (string, error) {
	n := strings.ToLower(strings.TrimSpace(s))
	if _, _, err := net.ParseCIDR(n); err != nil {
		return "", fmt.Errorf("network %q: want an address and a prefix length such as 192.0.2.0/24", clip(s))
	}
	return n, nil
}

// ParseTag reads a tag. Tags are lower case, without blanks around them.
func ParseTag(s string) (string, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if t == "" || strings.ContainsFunc(t, unicode.IsControl) {
		return "", fmt.Errorf("tag %q: is empty or contains a control character", clip(s))
	}
	return t, nil
}

// parseLocale reads an IANA time zone. "Local" would mean the zone of whichever
// server the user meets.
func parseLocale(s string) (string, error) {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return "", fmt.Errorf("time zone %q: is not in the IANA database", clip(s))
	}
	return s, nil
}
