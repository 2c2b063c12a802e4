package resolver

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
)

// DefaultPosts is how many accounts are posted to an account server at a time.
const DefaultPosts = 16

// HTTPPushOptions adjusts a push to an account server.
type HTTPPushOptions struct {
	// InFlight is how many accounts are posted at a time; 0 means 16.
	InFlight int
	// OnResult, if set, is told of each result as it comes, one at a time and on
	// the goroutine that called.
	OnResult func(Result)
}

// Push posts accounts to the account server at baseURL, several at a time. What
// was not answered, or refused for the time being, is tried again after a pause.
// When as many accounts in a row as are posted at a time get no answer, the rest
// is silent without a try. The one server of the results is named by its address.
func (h *HTTP) Push(ctx context.Context, baseURL string, accounts []Account, o HTTPPushOptions) (Summary, error) {
	if err := checkAccounts(accounts); err != nil {
		return Summary{}, err
	}
	if o.InFlight <= 0 {
		o.InFlight = DefaultPosts
	}
	elapsed := stopwatch()
	p := &posting{h: h, base: baseURL, server: ServerAt(baseURL), accounts: accounts}
	roll := Roll{Servers: []Server{p.server}}
	count := newCounter(accounts, roll, o.OnResult)
	silent := 0
	posts, stop := context.WithCancel(ctx)
	defer stop()
	for r := range p.start(posts, o.InFlight) {
		if ctx.Err() != nil || posts.Err() != nil && r.Outcome == Silent {
			continue // counted below
		}
		count.add(r)
		if silent++; r.Outcome != Silent {
			silent = 0
		}
		if silent >= o.InFlight {
			stop()
		}
	}
	if ctx.Err() != nil {
		return count.summary(elapsed()), context.Cause(ctx)
	}
	count.silence()
	return count.summary(elapsed()), nil
}

// ServerAt is an account server as results name it.
func ServerAt(baseURL string) Server {
	s := Server{ID: baseURL, Name: baseURL}
	if u, err := url.Parse(baseURL); err == nil {
		s.ID, s.Name, s.Host = u.Redacted(), u.Host, u.Hostname()
	}
	return s
}

// posting is a push to an account server under way.
type posting struct {
	h        *HTTP
	base     string
	server   Server
	accounts []Account
}

// start posts all accounts, a number at a time, until ctx ends. The results end
// with the last post.
func (p *posting) start(ctx context.Context, inFlight int) <-chan Result {
	results, next := make(chan Result), make(chan Account)
	go func() {
		defer close(next)
		for _, a := range p.accounts {
			select {
			case next <- a:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range min(inFlight, len(p.accounts)) {
		workers.Go(func() {
			for a := range next {
				results <- p.post(ctx, a)
			}
		})
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	return results
}

// post posts one account until there is an answer that will not change.
func (p *posting) post(ctx context.Context, a Account) Result {
	var (
		answer HTTPResult
		err    error
	)
	insist(ctx, func() (int, error) {
		answer, err = p.h.PostAccount(ctx, p.base, a.ID, a.Token)
		return answer.Status, err
	})
	return p.result(a, answer, err)
}

func (p *posting) result(a Account, answer HTTPResult, err error) Result {
	r := Result{Account: a.ID, Server: p.server, Outcome: answer.Outcome, Message: answer.Message}
	switch {
	case errors.Is(err, errRedirect) || errors.Is(err, errTooLarge):
		r.Outcome, r.Message = Rejected, clip(err.Error(), maxMessage)
	case err != nil:
		r.Outcome, r.Message = Silent, clip(err.Error(), maxMessage)
		if cause := errors.Unwrap(err); cause != nil { // the address says what the result does
			r.Message = clip(cause.Error(), maxMessage)
		}
	case r.Outcome == Rejected:
		r.Message = clip(http.StatusText(answer.Status)+": "+answer.Message, maxMessage)
	}
	return r
}
