package safefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// List returns what lies in the directory name ("." for the top), sorted by
// name, without nkeep's own files. A directory that is not there is empty.
func (d *Dir) List(name string) ([]fs.DirEntry, error) {
	entries, err := d.entries(name)
	slices.SortFunc(entries, byName)
	return entries, err
}

// Names is [Dir.List] for who needs no more than what some of them stand for, by
// which they are sorted.
func (d *Dir) Names(name string, meant func(fs.DirEntry) (string, bool)) ([]string, error) {
	entries, err := d.entries(name)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if n, ok := meant(e); ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names, err
}

func (d *Dir) entries(name string) ([]fs.DirEntry, error) {
	entries, err := d.everything(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isPrivate(e.Name()) }), err
}

// everything is what lies in a directory, in no order, with nkeep's own files.
func (d *Dir) everything(name string) ([]fs.DirEntry, error) {
	f, err := d.openDir(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, d.pathError("list", name, err)
	}
	return entries, nil
}

func byName(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) }

// openDir opens a directory to list it.
func (d *Dir) openDir(name string) (*os.File, error) {
	if f, ok := d.openBeneath(name); ok {
		return f, nil
	}
	root, err := d.checked(name)
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, d.pathError("open", name, err)
	}
	return f, nil
}

// isEmpty reports whether name is a directory that holds nothing at all, or is not there.
func (d *Dir) isEmpty(name string) bool {
	root, err := d.open()
	if err != nil {
		return false
	}
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	_, err = f.Readdirnames(1)
	return errors.Is(err, io.EOF)
}
