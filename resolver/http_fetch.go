package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// FetchAccount gets an account's token from the account server at baseURL, as
// [HTTP.Fetch] does. What is not answered, or refused for the time being, is tried
// again after a pause.
func (h *HTTP) FetchAccount(ctx context.Context, baseURL, accountID string) (string, error) {
	if err := checkAccountID(accountID); err != nil {
		return "", err
	}
	return h.fetchBelow(ctx, baseURL, "accounts", accountID)
}

// FetchOperator is FetchAccount for the operator whose accounts are served. A server
// that began with tokens of version 1 has that of version 2 at /jwt/v2/operator, beside
// the old one at /jwt/v1/operator: there it is looked for first, as nsc does.
func (h *HTTP) FetchOperator(ctx context.Context, baseURL string) (string, error) {
	if second, found := secondVersion(baseURL); found {
		token, err := h.fetchBelow(ctx, second, "operator")
		if _, refused := errors.AsType[*StatusError](err); !refused && !errors.Is(err, errNoToken) {
			return token, err
		}
	}
	return h.fetchBelow(ctx, baseURL, "operator")
}

// secondVersion is the URL of the second version of an account server's API.
func secondVersion(baseURL string) (second string, found bool) {
	base := strings.TrimRight(baseURL, "/")
	before, found := strings.CutSuffix(base, "/jwt/v1")
	return before + "/jwt/v2", found
}

func (h *HTTP) fetchBelow(ctx context.Context, baseURL string, path ...string) (string, error) {
	address, err := url.JoinPath(baseURL, path...)
	if err != nil {
		return "", fmt.Errorf("account server address: %w", err)
	}
	var token []byte
	insist(ctx, func() (int, error) {
		token, err = h.Fetch(ctx, address)
		return 0, err
	})
	return string(token), err
}
