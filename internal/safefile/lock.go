package safefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const lockName = Private + "/lock"

// lockPoll is how often a busy lock is tried again.
const lockPoll = 2 * time.Millisecond

// lockRaces is how often a lock file may vanish before it is locked, each time
// because another process has made the directory for nothing.
const lockRaces = 1000

// lock is one held lock, and the topmost directory that had to be made for it.
// It has no flock when the directory is held already, by another path.
type lock struct {
	dir   *Dir
	flock *flock.Flock
	made  string
}

type locks struct{ held []lock }

// lockAll takes the locks of all directories in the order of their paths:
// processes that need several always take them in the same order.
func lockAll(ctx context.Context, dirs []*Dir) (*locks, error) {
	sorted := slices.SortedFunc(slices.Values(dirs), func(a, b *Dir) int { return strings.Compare(a.path, b.path) })
	held := &locks{}
	for _, d := range sorted {
		if err := held.add(ctx, d); err != nil {
			held.release(false)
			return nil, err
		}
	}
	return held, nil
}

func (h *locks) add(ctx context.Context, d *Dir) error {
	for _, l := range h.held {
		if l.flock != nil && d.isLockedBy(l.flock) {
			h.held = append(h.held, lock{dir: d})
			return nil
		}
	}
	l, err := d.lock(ctx)
	if err != nil {
		return err
	}
	h.held = append(h.held, l)
	return nil
}

// lock makes the directory when it is missing, and waits for the lock until ctx ends.
func (d *Dir) lock(ctx context.Context) (lock, error) {
	for try := 1; ; try++ {
		l, err := d.tryLock(ctx)
		if !errors.Is(err, fs.ErrNotExist) || try == lockRaces || ctx.Err() != nil {
			return l, err
		}
		if err := d.Close(); err != nil {
			return lock{}, err
		}
	}
}

// tryLock fails with [fs.ErrNotExist] when the directory or its lock file was
// taken away meanwhile, by the process that had made it for nothing.
func (d *Dir) tryLock(ctx context.Context) (lock, error) {
	made, err := d.create()
	if err != nil {
		return lock{}, err
	}
	if _, err := d.Stat(Private); errors.Is(err, fs.ErrNotExist) {
		if made == "" {
			made = d.Path(Private)
		}
		if err := d.mkdir(Private); err != nil && !errors.Is(err, fs.ErrExist) {
			return lock{}, errors.Join(err, unmake(d, made))
		}
	}
	if _, err := d.regular(lockName); err != nil {
		return lock{}, err
	}
	f := flock.New(d.Path(lockName), flock.SetPermissions(fileMode))
	if _, err := f.TryLockContext(ctx, lockPoll); err != nil {
		return lock{}, fmt.Errorf("lock %q: %w", d.path, err)
	}
	if !d.isLockedBy(f) {
		return lock{}, errors.Join(d.pathError("lock", lockName, fs.ErrNotExist), f.Close())
	}
	return lock{dir: d, flock: f, made: made}, nil
}

// isLockedBy reports whether f is the lock file that is in the directory as it
// is open now: the path may lead to another one since.
func (d *Dir) isLockedBy(f *flock.Flock) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	root, err := d.open()
	if err != nil {
		return false
	}
	now, err := root.Lstat(filepath.FromSlash(lockName))
	return err == nil && os.SameFile(held, now)
}

// syncMade makes the directories durable that had to be made for the locks: a
// power cut must not take what is going to be in them.
func (h *locks) syncMade() error {
	for _, l := range h.held {
		if l.made == "" {
			continue
		}
		for p := l.dir.path; len(p) >= len(filepath.Dir(l.made)); p = filepath.Dir(p) {
			if err := l.dir.syncOutside(p); err != nil {
				return err
			}
			if p == filepath.Dir(p) {
				break
			}
		}
	}
	return nil
}

// release gives the locks back. Unless something was written, directories that
// were made only to be locked are taken away again. What cannot be given back
// ends with the process, and takes nothing from what was done.
func (h *locks) release(changed bool) {
	for _, l := range slices.Backward(h.held) {
		if !changed && l.made != "" {
			_ = unmake(l.dir, l.made)
		}
		if l.flock != nil {
			_ = l.flock.Close()
		}
	}
	h.held = nil
}

// unmake removes the lock file and the empty directories from the private one up to top.
func unmake(d *Dir, top string) error {
	if err := d.remove(lockName); err != nil {
		return err
	}
	for p := d.Path(Private); len(p) >= len(top); p = filepath.Dir(p) {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) { // not empty: somebody uses it
			break
		}
	}
	return d.Close()
}

// recover finishes what is left in each directory, until one needs others to be
// locked as well.
func (h *locks) recover(dirs []*Dir) (missing []*Dir, err error) {
	for _, d := range dirs {
		if missing, err := d.recover(h); len(missing) > 0 || err != nil {
			return missing, err
		}
	}
	return nil, nil
}

// dirs are the directories of a journal, home first, and those of them that are not held.
func (h *locks) dirs(home *Dir, others []string) (all, missing []*Dir, err error) {
	all = []*Dir{home}
	for _, p := range others {
		i := slices.IndexFunc(h.held, func(l lock) bool { return l.dir.path == p })
		if i >= 0 {
			all = append(all, h.held[i].dir)
			continue
		}
		d, err := At(p, Options{Before: home.before})
		if err != nil {
			return nil, nil, err
		}
		missing = append(missing, d)
	}
	return all, missing, nil
}
