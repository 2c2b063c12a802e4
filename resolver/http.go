package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Limits of an exchange with an account server.
const (
	defaultHTTPTimeout = 10 * time.Second
	defaultMaxBody     = 1 << 20  // bytes
	maxHeader          = 64 << 10 // bytes
	maxRedirects       = 5
)

// What ends an exchange for good: another try would end alike.
var (
	errRedirect = errors.New("redirect refused")
	errTooLarge = errors.New("the answer is too large")
	errNoToken  = errors.New("the answer is not a token")
)

// HTTPOptions adjusts an HTTP client; zero values mean the defaults.
type HTTPOptions struct {
	TLS     TLS           // First does not apply
	Timeout time.Duration // a whole exchange, redirects and body included; 0 means 10 s
	MaxBody int64         // largest body to read, bytes; 0 means 1 MiB
}

// HTTP talks to account servers. It is safe for concurrent use and reuses its
// connections.
type HTTP struct {
	client  *http.Client
	maxBody int64
}

// HTTPResult is what an account server did with an account.
type HTTPResult struct {
	Status  int     `json:"status"`
	Outcome Outcome `json:"outcome"`           // Stored, Deferred or Rejected
	Message string  `json:"message,omitempty"` // the server's words, at most 512 bytes
}

// StatusError is an HTTP answer that is no success. One with status 404
// matches [fs.ErrNotExist].
type StatusError struct {
	URL    string
	Status int
}

// Error names the address and the status.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%q: server answered %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// Is reports whether target is [fs.ErrNotExist] and the status 404.
func (e *StatusError) Is(target error) bool {
	return target == fs.ErrNotExist && e.Status == http.StatusNotFound
}

// NewHTTP loads the TLS files and returns a client.
func NewHTTP(o HTTPOptions) (*HTTP, error) {
	config, err := o.TLS.config()
	if err != nil {
		return nil, err
	}
	h := &HTTP{maxBody: o.MaxBody, client: &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        config,
			DisableCompression:     true, // a small body could unpack to a huge one
			MaxResponseHeaderBytes: maxHeader,
			ForceAttemptHTTP2:      true,
			MaxConnsPerHost:        DefaultPosts,
			MaxIdleConnsPerHost:    DefaultPosts,
		},
	}}
	if h.maxBody <= 0 {
		h.maxBody = defaultMaxBody
	}
	if h.client.Timeout <= 0 {
		h.client.Timeout = defaultHTTPTimeout
	}
	return h, nil
}

// Close drops idle connections.
func (h *HTTP) Close() { h.client.CloseIdleConnections() }

// Fetch gets a token, bare or decorated, and returns it bare and unverified.
// Redirects are followed within the same host only. A status above 299 is a
// [*StatusError].
func (h *HTTP) Fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := newRequest(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	status, body, err := h.do(req)
	if err != nil {
		return nil, err
	}
	name := req.URL.Redacted()
	if status > 299 {
		return nil, &StatusError{URL: name, Status: status}
	}
	token, err := jwt.ParseDecoratedJWT(body)
	if err != nil {
		return nil, fmt.Errorf("%q: %w: %w", name, errNoToken, err)
	}
	token = strings.TrimSpace(token)
	if _, ok := peek(token); !ok {
		return nil, fmt.Errorf("%q: %w; is this the address of an account server?", name, errNoToken)
	}
	return []byte(token), nil
}

// PostAccount hands an account's claims to the account server at baseURL (for
// example http://localhost:9090/jwt/v1). What the server refuses is a result;
// the error is for an exchange that failed.
func (h *HTTP) PostAccount(ctx context.Context, baseURL, accountID, token string) (HTTPResult, error) {
	if err := checkAccountID(accountID); err != nil {
		return HTTPResult{}, err
	}
	return h.post(ctx, token, baseURL, "accounts", accountID)
}

// PostActivation hands an activation to the account server at baseURL, which keeps
// it for whoever knows its hash; the results are those of [HTTP.PostAccount].
func (h *HTTP) PostActivation(ctx context.Context, baseURL, token string) (HTTPResult, error) {
	return h.post(ctx, token, baseURL, "activations")
}

func (h *HTTP) post(ctx context.Context, token, baseURL string, path ...string) (HTTPResult, error) {
	address, err := url.JoinPath(baseURL, path...)
	if err != nil {
		return HTTPResult{}, fmt.Errorf("account server address: %w", err)
	}
	req, err := newRequest(ctx, http.MethodPost, address, strings.NewReader(token))
	if err != nil {
		return HTTPResult{}, err
	}
	req.Header.Set("Content-Type", "application/jwt")
	status, body, err := h.do(req)
	if err != nil {
		return HTTPResult{}, err
	}
	result := HTTPResult{Status: status, Outcome: Rejected, Message: clip(strings.TrimSpace(string(body)), maxMessage)}
	switch status {
	case http.StatusOK:
		result.Outcome = Stored
		if strings.HasPrefix(result.Message, "<") {
			result.Outcome, result.Message = Rejected, "a web page is no answer of an account server"
		}
	case http.StatusCreated, http.StatusAccepted:
		result.Outcome = Deferred
	}
	return result, nil
}

// newRequest asks for an uncompressed answer.
func newRequest(ctx context.Context, method, address string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("account server address: %w", err)
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, fmt.Errorf("%q: scheme must be http or https", req.URL.Redacted())
	}
	if req.URL.Hostname() == "" {
		return nil, fmt.Errorf("%q: host is missing", req.URL.Redacted())
	}
	req.Header.Set("Accept-Encoding", "identity")
	return req, nil
}

// do runs one exchange and reads the body within the limit.
func (h *HTTP) do(req *http.Request) (status int, body []byte, err error) {
	resp, err := h.client.Do(req)
	if err != nil {
		// The client names where redirects led, not what was asked for.
		if located, ok := errors.AsType[*url.Error](err); ok {
			err = located.Err
		}
		return 0, nil, fmt.Errorf("%q: %w", req.URL.Redacted(), err)
	}
	defer func() { _ = resp.Body.Close() }()                       // it was only read
	body, err = io.ReadAll(io.LimitReader(resp.Body, h.maxBody+1)) // a byte more shows the excess
	if err != nil {
		return 0, nil, fmt.Errorf("%q: %w", req.URL.Redacted(), err)
	}
	if int64(len(body)) > h.maxBody {
		return 0, nil, fmt.Errorf("%q: %w: more than %d bytes", req.URL.Redacted(), errTooLarge, h.maxBody)
	}
	return resp.StatusCode, body, nil
}

// checkRedirect keeps a request on its host and from losing encryption. A post is
// redirected where it stays one.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != req.Method:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d redirects", errRedirect, maxRedirects)
	case req.URL.Host != first.URL.Host:
		return fmt.Errorf("%w: to another host %q", errRedirect, clip(req.URL.Host, maxName))
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("%w: from https to http", errRedirect)
	}
	return nil
}
