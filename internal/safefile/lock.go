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

// lock is one held lock, and the topmost directory that had to be made for it.
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
			return nil, errors.Join(err, held.release(false))
		}
	}
	return held, nil
}

func (h *locks) add(ctx context.Context, d *Dir) error {
	l, err := d.lock(ctx)
	if err != nil {
		return err
	}
	h.held = append(h.held, l)
	return nil
}

// lock makes the directory when it is missing, and waits for the lock until ctx ends.
func (d *Dir) lock(ctx context.Context) (lock, error) {
	for {
		l, err := d.tryLock(ctx)
		if err != nil || l.flock != nil {
			return l, err
		}
	}
}

// tryLock returns a lock without flock when the lock file was taken away by
// the process that held it: one that made the directory for nothing.
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
	if err := d.notLink(lockName); err != nil {
		return lock{}, err
	}
	f := flock.New(d.Path(lockName), flock.SetPermissions(fileMode))
	if _, err := f.TryLockContext(ctx, lockPoll); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return lock{}, d.Close()
		}
		return lock{}, fmt.Errorf("lock %q: %w", d.path, err)
	}
	if !sameFile(f, d.Path(lockName)) {
		return lock{}, errors.Join(f.Close(), d.Close())
	}
	return lock{dir: d, flock: f, made: made}, nil
}

func (d *Dir) notLink(name string) error {
	_, err := d.checked(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func sameFile(f *flock.Flock, path string) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(held, now)
}

// release gives the locks back. Unless something was written, directories that
// were made only to be locked are taken away again.
func (h *locks) release(changed bool) error {
	var errs []error
	for _, l := range slices.Backward(h.held) {
		if !changed && l.made != "" {
			errs = append(errs, unmake(l.dir, l.made))
		}
		errs = append(errs, l.flock.Close())
	}
	h.held = nil
	return errors.Join(errs...)
}

// unmake removes the lock file and the empty directories from the private one up to top.
func unmake(d *Dir, top string) error {
	if err := d.remove(lockName); err != nil {
		return err
	}
	for p := d.Path(Private); len(p) >= len(top); p = filepath.Dir(p) {
		if os.Remove(p) != nil { // not empty: somebody uses it
			break
		}
	}
	return d.Close()
}

// dirs opens the directories of a journal, locking those that are not held yet.
func (h *locks) dirs(ctx context.Context, home *Dir, paths []string) ([]*Dir, error) {
	var out []*Dir
	for _, p := range paths {
		i := slices.IndexFunc(h.held, func(l lock) bool { return l.dir.path == p })
		if i < 0 {
			d, err := At(p, Options{Before: home.before})
			if err != nil {
				return nil, err
			}
			if err := h.add(ctx, d); err != nil {
				return nil, fmt.Errorf("finish an interrupted change: %w", err)
			}
			i = len(h.held) - 1
		}
		out = append(out, h.held[i].dir)
	}
	return out, nil
}
