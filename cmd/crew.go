package cmd

import (
	"context"
	"runtime"
	"slices"
	"sync"
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

// each calls fn for every name, several at a time, and returns when all calls
// have. It stops between two of them when ctx ends.
func (c crew) each(ctx context.Context, names []string, fn func(name string)) error {
	const piece = 16 // names that make it worthwhile to wake a worker
	var wg sync.WaitGroup
	for part := range slices.Chunk(names, piece) {
		c.run(&wg, func() {
			for _, name := range part {
				if ctx.Err() == nil {
					fn(name)
				}
			}
		})
	}
	<-c
	wg.Wait()
	c <- struct{}{}
	return ctx.Err()
}
