package claims

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// ResponseTypes returns the ways in which a service responds: once, any number of
// times, or once in several parts.
func ResponseTypes() []string {
	return []string{jwt.ResponseTypeSingleton, jwt.ResponseTypeStream, jwt.ResponseTypeChunked}
}

// ParseResponseType reads one of ResponseTypes in any case.
func ParseResponseType(s string) (string, error) {
	i := slices.IndexFunc(ResponseTypes(), func(t string) bool { return strings.EqualFold(t, s) })
	if i < 0 {
		return "", unknownResponseType(s)
	}
	return ResponseTypes()[i], nil
}

func unknownResponseType(s string) error {
	return fmt.Errorf("response type %q: want one of %s", clip(s), strings.Join(ResponseTypes(), ", "))
}

// ParseSampling reads what share of requests is measured: a percentage from 1 to
// 100, with or without a % sign, or "header" for those whose headers ask for it.
func ParseSampling(s string) (jwt.SamplingRate, error) {
	if strings.EqualFold(s, "header") || strings.EqualFold(s, "headers") {
		return jwt.Headers, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	if err == nil && (n < 1 || n > 100) {
		err = errors.New("out of range")
	}
	if err != nil {
		return 0, fmt.Errorf("sampling %q: want a percentage from 1 to 100, or header", clip(s))
	}
	return jwt.SamplingRate(n), nil
}
