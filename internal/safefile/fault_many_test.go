//go:build unix

package safefile

import (
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
)

// manyChanges is large enough to be worked on by several goroutines, and to be
// synced by file system.
const manyChanges = 2 * manyFiles

// updateMany replaces, adds and removes files in many directories and in one.
// The step number at fails, and with dead set all that follow.
func updateMany(t *testing.T, w world, at int64, dead bool) (steps int64, err error) {
	t.Helper()
	var n atomic.Int64
	before := func(string, string) error {
		if i := n.Add(1); i == at || dead && i > at {
			return errFault
		}
		return nil
	}
	a, b := dirAt(t, w.a, before), dirAt(t, w.b, before)
	err = Update(t.Context(), []*Dir{a, b}, func(tx *Tx) error {
		for i := range manyChanges {
			tx.Put(Keys, b, fmt.Sprintf("keys/%d/new.nk", i%7), fmt.Append(nil, "seed", i%7))
			tx.Put(Tokens, a, fmt.Sprintf("op/users/%d.jwt", i), fmt.Append(nil, "new", i))
		}
		tx.Put(Tokens, a, "op/op.jwt", []byte("new"))
		tx.Remove(Tokens, a, "op/users/u.jwt")
		tx.Remove(Keys, b, "keys/old.nk")
		return nil
	})
	return n.Load(), err
}

// TestManyFilesFail fails steps of a large transaction, or dies there: all of it
// happens, or nothing.
func TestManyFilesFail(t *testing.T) {
	t.Parallel()
	clean := newWorld(t)
	before := clean.state(t)
	steps, err := updateMany(t, clean, -1, false)
	must(t, err)
	after := clean.state(t)
	if len(after) < manyChanges {
		t.Fatalf("%d files after, steps %d", len(after), steps)
	}
	const apart = 13 // no step is like only those that many before and after it
	for at := int64(1); at <= steps; at += apart {
		for _, dead := range []bool{false, true} {
			w := newWorld(t)
			_, err := updateMany(t, w, at, dead)
			if err != nil && !errors.Is(err, errFault) {
				t.Fatalf("step %d: %v", at, err)
			}
			if !dead && err != nil && !maps.Equal(w.state(t), before) {
				t.Fatalf("step %d: failed, and left %v", at, w.state(t))
			}
			must(t, w.recover(t, &faults{}))
			got := w.state(t)
			if !maps.Equal(got, before) && !maps.Equal(got, after) {
				t.Fatalf("step %d, dead %v: neither old nor new: %v", at, dead, got)
			}
			if err == nil && !maps.Equal(got, after) {
				t.Fatalf("step %d, dead %v: success, and not new", at, dead)
			}
		}
	}
}
