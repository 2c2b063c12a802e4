package safefile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"syscall"
)

// commit applies the changes in the order given. The order of its steps is the
// promise of this package:
//
//  1. the journal is on disk before anything else changes;
//  2. new contents lie beside their targets, and old ones are kept, before any
//     target changes: a full disk or a read-only directory fails here;
//  3. renames put the new contents in place;
//  4. everything is synced before the journal is renamed: the commit point.
func commit(dirs []*Dir, ops []op, step func()) error {
	j, err := plan(dirs, ops)
	if err != nil {
		return err
	}
	home := dirs[0]
	if err := home.writeJournal(j); err != nil {
		return errors.Join(err, home.remove(journalName))
	}
	if err := carryOut(home, j, dirs, ops, step); err != nil {
		if undo := rollback(home, j, dirs); undo != nil {
			return errors.Join(err, fmt.Errorf("undo: %w (the next command tries again)", undo))
		}
		return err
	}
	// What is left to do loses nothing if it fails: the next transaction repeats it.
	_ = finish(home, j, dirs)
	return nil
}

func (d *Dir) writeJournal(j journal) error {
	data, err := j.encode()
	if err != nil {
		return err
	}
	if err := d.write(journalName, data); err != nil {
		return err
	}
	return syncTargets([]target{{d, journalName}, {d, Private}})
}

// syncPrivate makes the renaming or removal of the journal durable.
func (d *Dir) syncPrivate() error { return syncTargets([]target{{d, Private}}) }

func carryOut(home *Dir, j journal, dirs []*Dir, ops []op, step func()) error {
	for _, p := range j.Made {
		if err := dirs[p.Dir].mkdir(p.Name); err != nil {
			return err
		}
	}
	if err := stage(j, dirs, ops, step); err != nil {
		return err
	}
	if err := apply(j, dirs, ops, step); err != nil {
		return err
	}
	if err := syncRenames(j, dirs); err != nil {
		return err
	}
	if err := home.rename(journalName, doneName); err != nil {
		return err
	}
	// Whether an unsynced rename survives a crash is open: take it back, so that
	// what is reported is what will be found. If even that fails it stands.
	if err := home.syncPrivate(); err != nil && home.rename(doneName, journalName) == nil {
		return err
	}
	return nil
}

// stage writes new contents and keeps old ones, all beside their targets.
func stage(j journal, dirs []*Dir, ops []op, step func()) error {
	err := j.sideBySide(dirs, 0, len(ops), func(parent *Dir, i int, e entry) error {
		defer step()
		if !e.Remove {
			if err := parent.write(nextName(e.Name), ops[i].data); err != nil {
				return err
			}
		}
		if !e.Existed {
			return nil
		}
		// Not before the new content is there, by which an undo tells that the old
		// one is still in place: keeping it may take a copy, which can be cut short.
		return parent.keep(e.Name, lastName(e.Name))
	})
	if err != nil {
		return err
	}
	return syncStaged(j, dirs)
}

// apply puts new contents in place, turn by turn.
func apply(j journal, dirs []*Dir, ops []op, step func()) error {
	for from, to := range runs(0, len(ops), func(i int) int { return ops[i].turn() }) {
		err := j.sideBySide(dirs, from, to, func(parent *Dir, _ int, e entry) error {
			defer step()
			return e.apply(parent)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e entry) apply(d *Dir) error {
	if e.Remove {
		return d.remove(e.Name)
	}
	return d.rename(nextName(e.Name), e.Name)
}

// finish takes away what a committed transaction has kept, then the directories
// that have become empty. One that may not be removed keeps nobody waiting: it
// holds nothing, and the next transaction tries again.
func finish(home *Dir, j journal, dirs []*Dir) error {
	for _, e := range j.Entries {
		if e.Existed {
			if err := dirs[e.Dir].remove(lastName(e.Name)); err != nil {
				return err
			}
		}
	}
	for _, e := range j.Entries {
		if !e.Remove {
			continue
		}
		switch err := dirs[e.Dir].prune(path.Dir(e.Name)); {
		case errors.Is(err, fs.ErrPermission):
			return nil
		case err != nil:
			return err
		}
	}
	return home.remove(doneName)
}

// prune removes a directory that has become empty, and those above it.
func (d *Dir) prune(name string) error {
	for ; name != "."; name = path.Dir(name) {
		if !d.isEmpty(name) {
			return nil
		}
		if err := d.remove(name); err != nil {
			return err
		}
	}
	return nil
}

// rollback undoes a transaction that did not reach its commit point. It may
// run any number of times, and leaves alone a file that somebody else has
// changed since.
func rollback(home *Dir, j journal, dirs []*Dir) error {
	for _, e := range slices.Backward(j.Entries) {
		if err := e.undo(dirs[e.Dir]); err != nil {
			return err
		}
	}
	for _, p := range slices.Backward(j.Made) {
		if info, err := dirs[p.Dir].Stat(p.Name); err == nil && info.IsDir() {
			// One that holds something of somebody else's stays.
			if err := dirs[p.Dir].remove(p.Name); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
	}
	if err := syncRenames(j, dirs); err != nil {
		return err
	}
	if err := home.remove(journalName); err != nil {
		return err
	}
	return home.syncPrivate()
}

func (e entry) undo(d *Dir) error {
	if d.lost(path.Dir(e.Name)) {
		return nil
	}
	ours, err := e.isOurs(d)
	if err != nil {
		return err
	}
	_, kept := d.Stat(lastName(e.Name))
	switch {
	case ours && kept == nil:
		err = d.rename(lastName(e.Name), e.Name)
	case ours && !e.Existed:
		err = d.remove(e.Name)
	}
	if err != nil {
		return err
	}
	if err := d.remove(lastName(e.Name)); err != nil {
		return err
	}
	return d.remove(nextName(e.Name))
}

// isOurs reports whether the file is as this transaction leaves it. While the
// new content still lies beside it, it is not: the same content is somebody else's.
func (e entry) isOurs(d *Dir) (bool, error) {
	if _, err := d.Stat(nextName(e.Name)); err == nil {
		return false, nil
	}
	f, err := d.Read(e.Name, maxJournal)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e.Remove, nil
	case isElse(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return !e.Remove && sum(f.Data) == e.Sum, nil
}

// isElse reports errors that say that something else lies at a place now, or nothing.
func isElse(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, ErrLink) || errors.Is(err, ErrNotRegular)
}

// lost reports whether something else lies where a directory was, or nothing.
func (d *Dir) lost(name string) bool {
	info, err := d.Stat(name)
	return isElse(err) || err == nil && !info.IsDir()
}

// recover finishes what an interrupted transaction has left in d, the home of
// its journal. It does nothing but return the directories that it needs as
// well, if not all of them are locked.
func (d *Dir) recover(held *locks) (missing []*Dir, err error) {
	for _, r := range []struct {
		name   string
		finish func(*Dir, journal, []*Dir) error
	}{{journalName, rollback}, {doneName, finish}} {
		j, ok, err := d.readJournal(r.name)
		if err != nil {
			return nil, err
		}
		if !ok {
			if err := d.remove(r.name); err != nil {
				return nil, err
			}
			continue
		}
		others, err := j.others(d)
		if err != nil {
			return nil, err
		}
		dirs, missing, err := held.dirs(d, others)
		if err != nil || len(missing) > 0 {
			return missing, err
		}
		if err := r.finish(d, j, dirs); err != nil {
			return nil, fmt.Errorf("finish an interrupted change: %w", err)
		}
	}
	return nil, nil
}
