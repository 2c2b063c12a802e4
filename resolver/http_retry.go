package resolver

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"
)

// Limits of an exchange that is tried again.
const (
	maxTries   = 3
	firstPause = 200 * time.Millisecond // doubled for each further try
)

// insist tries an exchange again after a pause: one that was not answered, or refused
// for the time being. A server that lets the time pass twice is left alone.
func insist(ctx context.Context, exchange func() (status int, err error)) {
	pause := firstPause
	for try := 1; ; try++ {
		status, err := exchange()
		if try == maxTries || !worthAnother(status, err) || TimedOut(err) && try > 1 || !wait(ctx, pause) {
			return
		}
		pause *= 2
	}
}

// worthAnother reports whether another try may end otherwise.
func worthAnother(status int, err error) bool {
	if answered, ok := errors.AsType[*StatusError](err); ok {
		status, err = answered.Status, nil
	}
	if err != nil {
		for _, last := range []error{errRedirect, errTooLarge, errNoToken, context.Canceled} {
			if errors.Is(err, last) {
				return false
			}
		}
		return true
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// TimedOut tells whether an exchange with an account server failed because its time
// was over, which it is only after another try.
func TimedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err)
}

// wait returns false when ctx ends first.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
