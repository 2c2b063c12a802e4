package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"nkeep/resolver"

	"golang.org/x/sync/errgroup"
)

// Limits of a pull from an account server. What fails ends soon: a server that is
// slow, or goes on without end, is not asked for thousands of accounts.
const (
	pullHTTPTimeout  = 5 * time.Second
	pullHTTPParallel = 16
	pullHTTPFailures = 5 // exchanges that fail, or one that is not answered in time
)

var errGivenUp = errors.New("was not asked for: too much failed before")

// fetchOperator takes the operator that an account server has; many have none.
func (h *harvest) fetchOperator(ctx context.Context, client *resolver.HTTP, base string) error {
	token, err := client.FetchOperator(ctx, base)
	switch {
	case err == nil:
		h.takeOperator(redactURLs(base), token)
	case !errors.Is(err, fs.ErrNotExist):
		h.operators = append(h.operators, foundOperator{source: redactURLs(base), err: err})
	}
	return err
}

// weight is what an exchange that failed counts among pullHTTPFailures.
func weight(err error) int32 {
	if resolver.TimedOut(err) {
		return pullHTTPFailures
	}
	return 1
}

func (h *harvest) fetch(ctx context.Context, client *resolver.HTTP, base string) error {
	ids := h.localKeys()
	bar := h.op.app.out.Progress(len(ids), "reading accounts")
	defer bar.Done()
	var failures atomic.Int32
	var reached atomic.Bool
	var group errgroup.Group
	group.SetLimit(pullHTTPParallel)
	group.Go(func() error {
		if resolver.TimedOut(h.fetchOperator(ctx, client, base)) {
			failures.Add(pullHTTPFailures)
		}
		return nil
	})
	for _, public := range ids {
		group.Go(func() error {
			defer bar.Add(1)
			if failures.Load() >= pullHTTPFailures {
				h.fail(public, fmt.Errorf("account %q: %w", public, errGivenUp))
				return ctx.Err()
			}
			token, err := client.FetchAccount(ctx, base, public)
			if !resolver.Unreached(err) {
				reached.Store(true)
			}
			switch {
			case err == nil:
				h.take(public, token)
			case !errors.Is(err, fs.ErrNotExist):
				failures.Add(weight(err))
				h.fail(public, err)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil || reached.Load() {
		return err
	}
	for _, public := range ids { // all for the same reason
		if f := h.found[public]; f != nil && f.err != nil && resolver.Unreached(f.err) {
			return fmt.Errorf("account server: %w", f.err)
		}
	}
	return nil
}
