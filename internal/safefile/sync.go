package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// manyFiles is the number of files from which one sync of the whole file
// system costs less than syncing each.
const manyFiles = 64

// target is a file or directory that is to reach the disk.
type target struct {
	dir  *Dir
	name string
}

// syncTargets syncs all of them. They are synced at the same time: a file
// system gathers what waits into one commit.
func syncTargets(targets []target) error {
	var group errgroup.Group
	for _, t := range targets {
		if t.dir.before != nil {
			if err := t.dir.before("sync", t.dir.Path(t.name)); err != nil {
				group.Go(func() error { return t.dir.pathError("sync", t.name, err) })
				break
			}
		}
		group.Go(t.sync)
	}
	return group.Wait()
}

func (t target) sync() error {
	info, err := t.dir.Stat(t.name)
	if isElse(err) || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil // an undo took it away, or somebody else put something else there
	}
	root, err := t.dir.open()
	if err != nil {
		return err
	}
	f, err := root.Open(filepath.FromSlash(t.name))
	if err != nil {
		return t.dir.pathError("sync", t.name, err)
	}
	if err := errors.Join(syncFile(f), f.Close()); err != nil {
		return t.dir.pathError("sync", t.name, err)
	}
	return nil
}

// syncOutside syncs the directory itself, or one above it.
func (d *Dir) syncOutside(path string) error {
	if d.before != nil {
		if err := d.before("sync", path); err != nil {
			return &fs.PathError{Op: "sync", Path: path, Err: err}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(syncFile(f), f.Close())
}

// syncFile syncs an open file or directory. Windows cannot sync a directory;
// its file systems journal renames themselves.
func syncFile(f *os.File) error {
	if runtime.GOOS == "windows" {
		if info, err := f.Stat(); err != nil || info.IsDir() {
			return err
		}
	}
	return f.Sync()
}

// syncStaged makes new contents durable, and the old ones that are kept.
func syncStaged(j journal, dirs []*Dir) error {
	if len(j.Entries) >= manyFiles {
		return syncFileSystems(dirs)
	}
	var targets []target
	for _, e := range j.Entries {
		if !e.Remove {
			targets = append(targets, target{dirs[e.Dir], nextName(e.Name)})
		}
		// Should a rename outlive a power cut and the kept version not, the old
		// content would be gone: the second name has to be on disk before.
		if parent := (target{dirs[e.Dir], path.Dir(e.Name)}); e.Existed && !slices.Contains(targets, parent) {
			targets = append(targets, parent)
		}
	}
	return syncTargets(targets)
}

// syncRenames makes renames durable, and the directories that were made for them.
func syncRenames(j journal, dirs []*Dir) error {
	if len(j.Entries) >= manyFiles {
		return syncFileSystems(dirs)
	}
	var touched []place
	for _, p := range slices.Concat(places(j.Entries), j.Made) {
		if parent := (place{p.Dir, path.Dir(p.Name)}); !slices.Contains(touched, parent) {
			touched = append(touched, parent)
		}
	}
	targets := make([]target, len(touched))
	for i, p := range touched {
		targets[i] = target{dirs[p.Dir], p.Name}
	}
	return syncTargets(targets)
}

func places(entries []entry) []place {
	out := make([]place, len(entries))
	for i, e := range entries {
		out[i] = e.place
	}
	return out
}

func syncFileSystems(dirs []*Dir) error {
	for _, d := range dirs {
		if err := d.step("sync", ".", d.syncFileSystem); err != nil {
			return err
		}
	}
	return nil
}
