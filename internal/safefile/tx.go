package safefile

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
)

// Rank orders the files of one transaction. What others depend on is written
// first and removed last, so that whoever looks on meanwhile may see a key
// without its token, but never a token without its key.
type Rank int

// The ranks, in the order in which they are written.
const (
	Keys     Rank = iota // seeds
	Tokens               // signed by keys
	Marks                // say that tokens lie beside them
	Creds                // made of both
	Settings             // point at what exists
)

// Tx collects the changes of one transaction; nothing is written before the
// function given to [Update] has returned.
type Tx struct {
	ops  []op
	seen map[opKey]int
	step func()
}

// Watch has step called as the changes are made, [Tx.Steps] times in all, from
// several goroutines.
func (tx *Tx) Watch(step func()) { tx.step = step }

// Steps is how many steps it takes to make the changes that are staged so far.
func (tx *Tx) Steps() int { return 2 * len(tx.ops) }

type opKey struct {
	path string
	name string
}

type op struct {
	dir    *Dir
	name   string
	rank   Rank
	remove bool
	data   []byte
}

// Put stages the whole content of a file.
func (tx *Tx) Put(rank Rank, d *Dir, name string, data []byte) {
	tx.stage(op{dir: d, name: name, rank: rank, data: data})
}

// Remove stages the removal of a file; directories left empty go with it.
// A file that is not there is fine.
func (tx *Tx) Remove(rank Rank, d *Dir, name string) {
	tx.stage(op{dir: d, name: name, rank: rank, remove: true})
}

// stage keeps one change per file: the last word wins.
func (tx *Tx) stage(o op) {
	key := opKey{o.dir.path, o.name}
	if i, ok := tx.seen[key]; ok {
		tx.ops[i] = o
		return
	}
	if tx.seen == nil {
		tx.seen = map[opKey]int{}
	}
	tx.seen[key] = len(tx.ops)
	tx.ops = append(tx.ops, o)
}

// Staged returns what this transaction has put at name: ok is false when it
// has nothing staged there, or a removal.
func (tx *Tx) Staged(d *Dir, name string) (data []byte, ok bool) {
	i, ok := tx.seen[opKey{d.path, name}]
	if !ok || tx.ops[i].remove {
		return nil, false
	}
	return tx.ops[i].data, true
}

// Removed reports whether this transaction takes the file at name away.
func (tx *Tx) Removed(d *Dir, name string) bool {
	i, ok := tx.seen[opKey{d.path, name}]
	return ok && tx.ops[i].remove
}

// ordered lists the changes as they are applied: puts from seeds to settings,
// then removals the other way round. Within a rank, files of one directory
// stand together.
func (tx *Tx) ordered() []op {
	ops := slices.Clone(tx.ops)
	slices.SortFunc(ops, func(a, b op) int {
		return cmp.Or(cmp.Compare(a.turn(), b.turn()), strings.Compare(a.dir.path, b.dir.path),
			strings.Compare(path.Dir(a.name), path.Dir(b.name)), strings.Compare(a.name, b.name))
	})
	return ops
}

// turn says when a change is due: those of one turn may happen in any order.
func (o op) turn() int {
	if o.remove {
		return 2*int(Settings) - int(o.rank) + 1
	}
	return int(o.rank)
}

// Update runs fn and makes what it staged one change of the given directories:
// either all of it happens or none, whatever crashes. It holds the locks of
// all of them meanwhile, waiting for other processes as long as ctx allows, and
// first finishes what an interrupted transaction has left. The journal lies in
// the first directory; every staged file must lie in one of them.
//
// When fn or the commit fails everything is as it was, and the error says why.
func Update(ctx context.Context, dirs []*Dir, fn func(*Tx) error) error {
	dirs = distinct(dirs)
	held, err := settle(ctx, dirs)
	if err != nil {
		return err
	}
	changed := false
	defer func() { held.release(changed) }()
	tx := &Tx{step: func() {}}
	if err := fn(tx); err != nil {
		return err
	}
	if len(tx.ops) == 0 {
		return nil
	}
	if err := held.syncMade(); err != nil {
		return err
	}
	if err := commit(dirs, tx.ordered(), tx.step); err != nil {
		return err
	}
	changed = true
	return nil
}

// settle locks directories and finishes what interrupted transactions have left
// in them. When that concerns further directories all locks are given back
// first: whoever holds some and waits for one out of order may wait forever.
func settle(ctx context.Context, dirs []*Dir) (*locks, error) {
	for all := dirs; ; {
		held, err := lockAll(ctx, all)
		if err != nil {
			return nil, err
		}
		missing, err := held.recover(dirs)
		if err == nil && len(missing) == 0 {
			return held, nil
		}
		held.release(false)
		if err != nil {
			return nil, err
		}
		all = append(slices.Clone(dirs), missing...)
	}
}

// distinct drops directories named twice: nsc's -H makes all of them one.
func distinct(dirs []*Dir) []*Dir {
	var out []*Dir
	for _, d := range dirs {
		if !slices.ContainsFunc(out, func(o *Dir) bool { return o.path == d.path }) {
			out = append(out, d)
		}
	}
	return out
}

// Pending reports whether an interrupted transaction waits to be finished.
func (d *Dir) Pending() bool {
	for _, name := range []string{journalName, doneName} {
		if _, err := d.Stat(name); err == nil {
			return true
		}
	}
	return false
}
