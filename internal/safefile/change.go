package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// The mode of every file and directory that is made here, whatever the umask.
const (
	fileMode fs.FileMode = 0o600
	dirMode  fs.FileMode = 0o700
)

// A file that is being written lies beside its target under a name of nkeep's
// own, so that moving it into place is one atomic rename; the version it
// replaces is kept likewise until the transaction is over. The names end in
// something that neither tool takes for a key, a token or creds.
const (
	nextSuffix = ".nkeep-next"
	lastSuffix = ".nkeep-last"
)

func nextName(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+nextSuffix) }

func lastName(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+lastSuffix) }

func isPrivate(base string) bool {
	return base == Private || strings.HasSuffix(base, nextSuffix) || strings.HasSuffix(base, lastSuffix)
}

// step runs one change of the disk.
func (d *Dir) step(op, name string, change func(root *os.Root, name string) error) error {
	root, err := d.open()
	if err != nil {
		return err
	}
	if d.before != nil {
		if err := d.before(op, d.Path(name)); err != nil {
			return d.pathError(op, name, err)
		}
	}
	if err := change(root, filepath.FromSlash(name)); err != nil {
		return d.pathError(op, name, err)
	}
	return nil
}

// create makes the root directory itself and returns the topmost directory
// that was missing, "" when none was.
func (d *Dir) create() (made string, err error) {
	if ok, err := d.Exists(); ok || err != nil {
		return "", err
	}
	if made, err = d.topmostMissing(); made == "" || err != nil {
		return "", err
	}
	if d.before != nil {
		if err := d.before("mkdir", d.path); err != nil {
			return "", &fs.PathError{Op: "mkdir", Path: d.path, Err: err}
		}
	}
	if err := mkdirs(made, d.path); err != nil {
		return made, err
	}
	return made, nil
}

// topmostMissing is "" when the directory is there after all: somebody else has
// made it since. A link that leads nowhere is there and yet cannot be entered.
func (d *Dir) topmostMissing() (missing string, err error) {
	p := d.path
	for ; filepath.Dir(p) != p; p = filepath.Dir(p) {
		if _, err := os.Lstat(p); err == nil {
			break
		}
		missing = p
	}
	if info, err := os.Lstat(p); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if _, err := os.Stat(p); err != nil {
			return "", &fs.PathError{Op: "open", Path: p, Err: errDangling}
		}
	}
	return missing, nil
}

// mkdirs makes top and every directory from there down to leaf.
func mkdirs(top, leaf string) error {
	if top != leaf {
		if err := mkdirs(top, filepath.Dir(leaf)); err != nil {
			return err
		}
	}
	// Somebody else may have made it meanwhile: then the mode is theirs.
	err := os.Mkdir(leaf, dirMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(leaf, dirMode)
}

// missingDirs lists the directories above name that are not there, outermost first.
func (d *Dir) missingDirs(name string) ([]string, error) {
	var missing []string
	for p := path.Dir(name); p != "."; p = path.Dir(p) {
		info, err := d.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append([]string{p}, missing...)
			continue
		}
		switch {
		case err != nil:
			return nil, err
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, d.pathError("open", p, ErrLink)
		case !info.IsDir():
			return nil, d.pathError("open", p, syscall.ENOTDIR)
		}
		return missing, nil
	}
	return missing, nil
}

func (d *Dir) mkdir(name string) error {
	return d.step("mkdir", name, func(root *os.Root, name string) error {
		if err := root.Mkdir(name, dirMode); err != nil {
			return err
		}
		return root.Chmod(name, dirMode)
	})
}

// write makes a new file with the given content; it is not synced. A leftover
// of the same name is taken away, so that a link is never written through.
func (d *Dir) write(name string, data []byte) error {
	err := d.writeNew(name, data)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := d.remove(name); err != nil {
		return err
	}
	return d.writeNew(name, data)
}

func (d *Dir) writeNew(name string, data []byte) error {
	return d.step("create", name, func(root *os.Root, native string) (err error) {
		f, err := root.OpenFile(native, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		return d.fill(f, name, data)
	})
}

func (d *Dir) fill(f *os.File, name string, data []byte) error {
	// The mode is set before the content arrives: a umask may have taken bits away.
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != fileMode {
		if err := d.step("chmod", name, func(*os.Root, string) error { return f.Chmod(fileMode) }); err != nil {
			return err
		}
	}
	return d.step("write", name, func(*os.Root, string) error { _, err := f.Write(data); return err })
}

// keep gives the file at name a second name. Where the file system has no hard
// links, or allows none to this file, the content is copied and synced.
func (d *Dir) keep(name, second string) error {
	if err := d.remove(second); err != nil {
		return err
	}
	err := d.step("link", second, func(root *os.Root, second string) error {
		return root.Link(filepath.FromSlash(name), second)
	})
	if err == nil || !noLinks(err) {
		return err
	}
	f, err := d.Read(name, maxJournal)
	if err != nil {
		return err
	}
	if err := d.write(second, f.Data); err != nil {
		return err
	}
	return syncTargets([]target{{d, second}})
}

func (d *Dir) rename(from, to string) error {
	return d.step("rename", to, func(root *os.Root, to string) error {
		return root.Rename(filepath.FromSlash(from), to)
	})
}

// remove takes a file or an empty directory away; one that is not there is fine.
func (d *Dir) remove(name string) error {
	root, err := d.open()
	if err != nil {
		return err
	}
	if _, err := root.Lstat(filepath.FromSlash(name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return d.step("remove", name, func(root *os.Root, name string) error {
		if err := root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}
