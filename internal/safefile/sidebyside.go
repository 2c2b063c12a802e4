package safefile

import (
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
	for end := from; from < to; from = end {
		for end = from + 1; end < to && j.Entries[end].parent() == j.Entries[from].parent(); end++ {
		}
		first, last := from, end
		group.Go(func() error { return j.together(dirs, first, last, do) })
	}
	return group.Wait()
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
