package render

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// safeBuffer may be written by the bar while the test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.b.Reset()
	return s.b.String()
}

// after lets time pass in the bubble of a test.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestProgressAppearsAfterASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var errs safeBuffer
		p := New(io.Discard, &errs, Options{ErrTerminal: true})
		g := p.Progress(10, "pushing\x1b accounts")
		g.Add(3)
		after(900 * time.Millisecond)
		if got := errs.take(); got != "" {
			t.Errorf("too early: %q", got)
		}
		after(200 * time.Millisecond)
		if got := errs.take(); !strings.Contains(got, `pushing\x1b accounts`) || !strings.Contains(got, "(3/10)") {
			t.Errorf("no bar: %q", got)
		}
		p.Warnf("one server is slow")
		if got := errs.take(); !strings.HasSuffix(got, "\rwarning: one server is slow\n") {
			t.Errorf("the bar was not cleared: %q", got)
		}
		after(time.Second)
		g.Add(2)
		if got := errs.take(); !strings.Contains(got, "(5/10)") {
			t.Errorf("the bar did not come back: %q", got)
		}
		g.Done()
		g.Done()
		errs.take()
		g.Add(1)
		p.Notef("done")
		if got := errs.take(); got != "done\n" {
			t.Errorf("after Done: %q", got)
		}
	})
}

func TestProgressStaysAway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o     Options
		total int
		early bool
	}{
		"no terminal": {Options{}, 10, false},
		"quiet":       {Options{ErrTerminal: true, Quiet: true}, 10, false},
		"nothing":     {Options{ErrTerminal: true}, 0, false},
		"fast":        {Options{ErrTerminal: true}, 10, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var errs safeBuffer
				g := New(io.Discard, &errs, test.o).Progress(test.total, "working")
				g.Add(1)
				if test.early {
					g.Done()
				}
				after(5 * time.Second)
				g.Add(1)
				g.Done()
				if got := errs.take(); got != "" {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(*testing.T) {
		var errs safeBuffer
		p := New(io.Discard, &errs, Options{ErrTerminal: true})
		first, second := p.Progress(100, "first"), p.Progress(100, "second")
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				for range 10 {
					time.Sleep(50 * time.Millisecond * 3)
					first.Add(1)
					second.Add(1)
					p.Notef("step")
				}
			})
		}
		all.Wait()
		first.Done()
		second.Done()
	})
}
