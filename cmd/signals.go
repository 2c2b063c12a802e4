package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopped is why a run ends that a signal has told to.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by: " + s.signal.String() }

// Is makes it a [context.Canceled], for whoever returns the cause.
func (stopped) Is(target error) bool { return target == context.Canceled }

// untilSignal ends a context at the first signal that asks the process to end;
// its cause is [stopped]. A second signal ends the process at once.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(stopped{s})
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, func() { cancel(nil) }
}
