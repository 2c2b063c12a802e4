package faults

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fault fails one step of a change: the disk's answer to the step number at.
type fault struct {
	at    int
	errno syscall.Errno

	mu       sync.Mutex
	n        int
	op       string // the step that failed
	file     string
	happened bool
}

func (f *fault) before(op, file string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n++; f.n != f.at {
		return nil
	}
	f.op, f.file, f.happened = op, file, true
	return f.errno
}

func (f *fault) String() string {
	return fmt.Sprintf("step %d (%s %s, %v)", f.at, f.op, f.file, f.errno)
}

// seed is what must never be shown.
var seed = regexp.MustCompile(`S[OAUNCX][A-Z2-7]{56}`)

// TestEveryStepFails fails the first, the second, the third … step of every
// change until none is left, in the ways that a disk has of failing. A failed
// command says where and why, and leaves everything as it was to the last byte:
// that it succeeds when it is repeated is shown by the round that is not failed.
func TestEveryStepFails(t *testing.T) {
	t.Parallel()
	answers := []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EACCES, syscall.EROFS}
	for name, c := range changes() {
		if !c.deep || thin > 1 { // one answer for each step, another for the next
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.failEveryStep(t, answers)
			})
			continue
		}
		for _, errno := range answers {
			t.Run(name+"/"+errno.Error(), func(t *testing.T) {
				t.Parallel()
				c.failEveryStep(t, []syscall.Errno{errno})
			})
		}
	}
}

func (c change) failEveryStep(t *testing.T, answers []syscall.Errno) {
	t.Helper()
	h := c.start(t)
	old := h.look(t)
	for at := 1; ; at++ {
		f := &fault{at: at, errno: answers[at%len(answers)]}
		r := h.run(f.before, c.line)
		switch {
		case !f.happened:
			if r.code != 0 || at < 8 {
				t.Errorf("not one of %d steps failed: %s", f.n, r)
			}
			h.verify(t, c.loose)
			return
		case r.code == 0: // what was left to do loses nothing: whoever comes next does it
			h.must(t, c.next())
			h.verify(t, c.loose)
			h.restore(t, old)
		default:
			f.check(t, r)
			if diff := old.diff(h.look(t)); diff != "" {
				t.Fatalf("%s: %s\n%s", f, r, diff)
			}
		}
	}
}

// check looks at how a command ended whose step failed.
func (f *fault) check(t *testing.T, r result) {
	t.Helper()
	switch {
	case r.code != 1, r.stdout != "":
		t.Errorf("%s: %s", f, r)
	case !strings.Contains(r.stderr, f.file), !strings.Contains(r.stderr, f.errno.Error()):
		t.Errorf("%s: the message does not tell: %s", f, r)
	case !strings.Contains(r.stderr, "repeat the command"):
		t.Errorf("%s: the message does not say what to do: %s", f, r)
	case seed.MatchString(r.stderr):
		t.Errorf("%s: shows a seed: %s", f, r)
	}
}
