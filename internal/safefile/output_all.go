package safefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Output is a file of a directory that the user named.
type Output struct {
	Name string
	Data []byte
}

// WriteAll is [Write] for files of one directory, which is made when it is not
// there, readable by nobody else: all of them or none. Every content is on the
// disk before the first file gets its name, so that what can go wrong has done so
// by then. undo takes away again what was not there before; a file that was
// replaced stays so. Errors name the file they are about.
func WriteAll(dir string, files []Output, perm fs.FileMode, replace bool) (undo func() error, err error) {
	for _, f := range files {
		if err := writable(filepath.Join(dir, f.Name), replace); err != nil {
			return nil, named(dir, f, err)
		}
	}
	w := outputs{dir: dir}
	if err = w.create(); err == nil {
		err = w.write(files, perm, replace)
	}
	if err == nil {
		err = unnamed(syncDir(dir))
	}
	if err != nil {
		return nil, errors.Join(err, w.undo())
	}
	return w.undo, nil
}

func named(dir string, f Output, err error) error {
	return fmt.Errorf("%q: %w", filepath.Join(dir, f.Name), unnamed(err))
}

// outputs is a directory with what was made in it so far.
type outputs struct {
	dir  string
	top  string   // the topmost directory that had to be made, if any
	next []string // files whose content waits for its name, in the order of the outputs
	made []string // files that were not there before
}

func (w *outputs) create() error {
	d, err := At(w.dir, Options{})
	if err != nil {
		return err
	}
	defer d.done()
	w.top, err = d.create()
	if err == nil {
		_, err = d.open() // a file may stand in its place
	}
	if err != nil {
		return fmt.Errorf("%q: %w", w.dir, unnamed(err))
	}
	return nil
}

func (w *outputs) write(files []Output, perm fs.FileMode, replace bool) error {
	defer func() {
		for _, name := range w.next {
			_ = os.Remove(name) // is gone already when it has got its name
		}
	}()
	for _, f := range files {
		next, err := os.CreateTemp(w.dir, ".*"+nextSuffix)
		if err != nil {
			return named(w.dir, f, err)
		}
		w.next = append(w.next, next.Name())
		if err := errors.Join(fillOutput(next, f.Data, perm), next.Close()); err != nil {
			return named(w.dir, f, err)
		}
	}
	for i, f := range files {
		file := filepath.Join(w.dir, f.Name)
		_, before := os.Lstat(file)
		if err := moveIntoPlace(w.next[i], file, replace, os.Link); err != nil {
			return named(w.dir, f, err)
		}
		if errors.Is(before, fs.ErrNotExist) {
			w.made = append(w.made, file)
		}
	}
	return nil
}

func (w *outputs) undo() error {
	var err error
	for _, file := range w.made {
		err = errors.Join(err, os.Remove(file))
	}
	for dir := w.dir; w.top != "" && strings.HasPrefix(dir, w.top); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil { // somebody else has put something there
			break
		}
	}
	return unnamed(err)
}
