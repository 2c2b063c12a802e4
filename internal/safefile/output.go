package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write replaces the file at path, a place that the user named, whole or not at
// all. Its mode becomes perm even when it existed with another. Links and
// anything but a regular file are refused; without replace, so is a file that
// exists (wrapping [fs.ErrExist]). It is on disk when Write returns. No error
// names the file, which the caller calls by another name, as a rule.
func Write(file string, data []byte, perm fs.FileMode, replace bool) error {
	if err := writable(file, replace); err != nil {
		return err
	}
	// Not named for the file: its name may be as long as names can be.
	next, err := os.CreateTemp(filepath.Dir(file), ".*"+nextSuffix)
	if err != nil {
		return unnamed(err)
	}
	err = errors.Join(fillOutput(next, data, perm), next.Close())
	if err == nil {
		err = moveIntoPlace(next.Name(), file, replace, os.Link)
	}
	if err != nil {
		_ = os.Remove(next.Name()) // the first error says more
		return unnamed(err)
	}
	return unnamed(syncDir(filepath.Dir(file)))
}

// unnamed is an error without the paths in it.
func unnamed(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}

func writable(file string, replace bool) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unnamed(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return ErrLink
	case !info.Mode().IsRegular():
		return ErrNotRegular
	case !replace:
		return fs.ErrExist
	}
	return nil
}

// fillOutput sets the mode before the content arrives, which may be secret.
func fillOutput(f *os.File, data []byte, perm fs.FileMode) error {
	if err := f.Chmod(perm); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// moveIntoPlace renames; when nothing may be replaced it links instead, which
// fails if somebody has made the file in the meantime. Where there are no hard
// links the name is taken by an empty file first, which the rename replaces.
func moveIntoPlace(next, file string, replace bool, link func(from, to string) error) error {
	if replace {
		return os.Rename(next, file)
	}
	err := link(next, file)
	if err == nil {
		return os.Remove(next)
	}
	if !noLinks(err) {
		return err
	}
	taken, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), os.Rename(next, file)); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

// noLinks reports whether an error says that the file system has no hard links,
// or that this one is not allowed.
func noLinks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES)
}

// syncDir makes the names in a directory durable, where it may be read and the
// file system knows how.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	err = errors.Join(syncFile(f), f.Close())
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
