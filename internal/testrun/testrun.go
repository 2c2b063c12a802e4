// Package testrun has what tests share that run programs: a directory for them, and
// what they say.
package testrun

import (
	"bytes"
	"os"
	"sync"
	"testing"
)

// Scratch is a directory for one test, in memory where the system has such a place:
// a disk would spend most of the time on being synced.
func Scratch(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "nkeep-test-") //nolint:usetesting // which knows no such place
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

// Spoken is what a program has said so far. It can be read while the program writes.
type Spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (s *Spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *Spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
