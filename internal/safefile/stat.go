package safefile

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
)

// Stat describes what is at name, without following a link there.
func (d *Dir) Stat(name string) (fs.FileInfo, error) {
	if info, err := d.statBeneath(name); err == nil {
		return info, nil
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, d.pathError("stat", name, err)
	}
	root, err := d.checked(path.Dir(name))
	if err != nil {
		return nil, err
	}
	info, err := root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return nil, d.pathError("stat", name, err)
	}
	return info, nil
}

// Glance is a quick [Dir.Stat] for telling whether what was read at name has
// changed since, and for nothing else: it may follow a link on the way there.
func (d *Dir) Glance(name string) (fs.FileInfo, error) {
	info, err := d.glance(name)
	if err != nil {
		return nil, d.pathError("stat", name, err)
	}
	return info, nil
}

// regular reports whether a file is there; anything but a regular file is an error.
func (d *Dir) regular(name string) (bool, error) {
	info, err := d.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.Mode()&fs.ModeSymlink != 0:
		return false, d.pathError("replace", name, ErrLink)
	case !info.Mode().IsRegular():
		return false, d.pathError("replace", name, ErrNotRegular)
	}
	return true, nil
}
