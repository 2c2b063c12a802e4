package safefile

import (
	"iter"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// parent is the directory in which the file of an entry lies.
func (e entry) parent() place { return place{e.Dir, path.Dir(e.Name)} }

// sideBySide calls do for each entry from one index up to another, with the
// directory that the file lies in, which is opened once for all that lie
// there, and the entry with its name in that directory. Of many entries
// several are worked on at a time, but none in the same directory: there, they
// would wait for each other.
func (j journal) sideBySide(dirs []*Dir, from, to int, do func(parent *Dir, i int, e entry) error) error {
	var group errgroup.Group
	group.SetLimit(1)
	if to-from >= manyFiles {
		group.SetLimit(runtime.GOMAXPROCS(0))
	}
	for first, end := range runs(from, to, func(i int) place { return j.Entries[i].parent() }) {
		group.Go(func() error { return j.together(dirs, first, end, do) })
	}
	return group.Wait()
}

// runs goes through the numbers from one up to another, in runs of those that
// stand beside each other and have the same key: the first of each, and its end.
func runs[K comparable](from, to int, key func(i int) K) iter.Seq2[int, int] {
	return func(yield func(first, end int) bool) {
		for first := from; first < to; {
			same, end := key(first), first+1
			for end < to && key(end) == same {
				end++
			}
			if !yield(first, end) {
				return
			}
			first = end
		}
	}
}

// together does the same for entries of one directory.
func (j journal) together(dirs []*Dir, from, to int, do func(parent *Dir, i int, e entry) error) error {
	if !slices.ContainsFunc(j.Entries[from:to], func(e entry) bool { return e.Existed || !e.Remove }) {
		return nil // what is to be removed is not there, nor need be the directory
	}
	at := j.Entries[from].parent()
	parent, err := dirs[at.Dir].Sub(at.Name)
	if err != nil {
		return err
	}
	defer parent.Close()
	for i := from; i < to; i++ {
		e := j.Entries[i]
		e.Name = path.Base(e.Name)
		if err := do(parent, i, e); err != nil {
			return err
		}
	}
	return nil
}
