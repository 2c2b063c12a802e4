package cmd

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// TestCrew has work that asks for more work, of however many workers.
func TestCrew(t *testing.T) {
	t.Parallel()
	names := make([]string, 100)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	for _, places := range []int{1, 2, 8} {
		workers := crewOf(places)
		var done sync.Map
		var running, most atomic.Int64
		err := workers.each(t.Context(), names, func(outer string) {
			_ = workers.each(t.Context(), names, func(inner string) {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				if _, twice := done.LoadOrStore(outer+"/"+inner, true); twice {
					t.Errorf("%s/%s: done twice", outer, inner)
				}
				running.Add(-1)
			})
		})
		n := 0
		done.Range(func(any, any) bool { n++; return true })
		if err != nil || n != len(names)*len(names) || most.Load() > int64(places) {
			t.Errorf("%d places: %d done, %d at once, error %v", places, n, most.Load(), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	err := newCrew().each(ctx, names, func(string) {
		calls.Add(1)
		cancel()
	})
	if err == nil || calls.Load() == int64(len(names)) {
		t.Errorf("went on after the end: %d calls, error %v", calls.Load(), err)
	}
}
