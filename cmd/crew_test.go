package cmd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestCrew has work that asks for more work, of however many workers.
func TestCrew(t *testing.T) {
	t.Parallel()
	const count = 100
	for _, places := range []int{1, 2, 8} {
		workers := crewOf(places)
		var done sync.Map
		var running, most atomic.Int64
		err := workers.each(t.Context(), count, func(outer int) {
			_ = workers.each(t.Context(), count, func(inner int) {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				if _, twice := done.LoadOrStore([2]int{outer, inner}, true); twice {
					t.Errorf("%d/%d: done twice", outer, inner)
				}
				running.Add(-1)
			})
		})
		n := 0
		done.Range(func(any, any) bool { n++; return true })
		if err != nil || n != count*count || most.Load() > int64(places) {
			t.Errorf("%d places: %d done, %d at once, error %v", places, n, most.Load(), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	err := newCrew().each(ctx, count, func(int) {
		calls.Add(1)
		cancel()
	})
	if err == nil || calls.Load() == count {
		t.Errorf("went on after the end: %d calls, error %v", calls.Load(), err)
	}
}

func TestInParallel(t *testing.T) {
	t.Parallel()
	const count = 1000
	var calls atomic.Int64
	if err := inParallel(t.Context(), count, func(int) error { calls.Add(1); return nil }); err != nil || calls.Load() != count {
		t.Errorf("%d calls, error %v", calls.Load(), err)
	}
	wrong := errors.New("wrong")
	calls.Store(0)
	err := inParallel(t.Context(), count, func(i int) error {
		if calls.Add(1); i%2 == 1 {
			return fmt.Errorf("%d: %w", i, wrong)
		}
		return nil
	})
	if !errors.Is(err, wrong) || calls.Load() > count/2 {
		t.Errorf("one failed: %d calls, error %v", calls.Load(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := inParallel(ctx, count, func(int) error { return wrong }); !errors.Is(err, context.Canceled) {
		t.Errorf("had ended before: %v", err)
	}
}
