package resolver

import (
	"context"
	"fmt"
	"net/url"
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

// FetchOperator is FetchAccount for the operator whose accounts are served.
func (h *HTTP) FetchOperator(ctx context.Context, baseURL string) (string, error) {
	return h.fetchBelow(ctx, baseURL, "operator")
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
