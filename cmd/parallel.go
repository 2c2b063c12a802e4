package cmd

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do for each number below count, on all processors, until one
// fails or ctx ends. Of several errors it returns that of the lowest number.
func inParallel(ctx context.Context, count int, do func(i int) error) error {
	var (
		workers sync.WaitGroup
		next    atomic.Int64
		ended   atomic.Bool
		errs    = make([]error, count)
	)
	work := func() {
		for !ended.Load() && ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= count {
				return
			}
			if errs[i] = do(i); errs[i] != nil {
				ended.Store(true)
			}
		}
	}
	for range min(runtime.GOMAXPROCS(0), count) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
