package cmd

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// crew is as many workers as there are processors, whoever asks for work among
// them: one of its places is taken by each that is busy, and given up by who
// waits for others.
type crew chan struct{}

// newCrew counts the caller in, which works as well.
func newCrew() crew { return crewOf(runtime.GOMAXPROCS(0)) }

func crewOf(workers int) crew {
	c := make(crew, workers)
	c <- struct{}{}
	return c
}

// run hands work to an idle worker. While there is none, the caller does it, so
// that work may ask for more work and nobody waits for a place.
func (c crew) run(wg *sync.WaitGroup, work func()) {
	select {
	case c <- struct{}{}:
		wg.Go(func() {
			defer func() { <-c }()
			work()
		})
	default:
		work()
	}
}

// each calls fn for each number below count, several at a time, and returns when
// all calls have. It stops between two of them when ctx ends.
func (c crew) each(ctx context.Context, count int, fn func(i int)) error {
	const most = 16 // calls that make it worthwhile to wake a worker
	var wg sync.WaitGroup
	piece := max(1, min(most, count/cap(c)))
	for from := 0; from < count; from += piece {
		c.run(&wg, func() {
			for i := from; i < min(from+piece, count) && ctx.Err() == nil; i++ {
				fn(i)
			}
		})
	}
	<-c
	wg.Wait()
	c <- struct{}{}
	return ctx.Err()
}

// inParallel calls do for each number below count, on all processors, until one
// fails or ctx ends. Of several errors it returns that of the lowest number.
func inParallel(ctx context.Context, count int, do func(i int) error) error {
	var (
		errs   = make([]error, count)
		failed atomic.Bool
	)
	ended := newCrew().each(ctx, count, func(i int) {
		if failed.Load() {
			return
		}
		if errs[i] = do(i); errs[i] != nil {
			failed.Store(true)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ended
}
