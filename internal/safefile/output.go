package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path, a place that the user named, whole or not at
// all. Its mode becomes perm even when it existed with another. Links and
// anything but a regular file are refused; without replace, so is a file that
// exists (wrapping [fs.ErrExist]).
func Write(file string, data []byte, perm fs.FileMode, replace bool) error {
	if err := writable(file, replace); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*"+nextSuffix)
	if err != nil {
		return unnamed(err)
	}
	err = errors.Join(fillOutput(next, data, perm), next.Close())
	if err == nil {
		err = moveIntoPlace(next.Name(), file, replace)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// unnamed is an error without the path in it, which the caller knows better.
func unnamed(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
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
// fails if somebody has made the file in the meantime.
func moveIntoPlace(next, file string, replace bool) error {
	if replace {
		return os.Rename(next, file)
	}
	if err := os.Link(next, file); err != nil {
		return err
	}
	return os.Remove(next)
}
