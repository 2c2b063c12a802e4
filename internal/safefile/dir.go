package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// Private is the directory below each root that holds nkeep's own files.
const Private = ".nkeep"

// What a path can turn out to be when it is opened; wrapped in *fs.PathError.
var (
	ErrLink       = errors.New("is a symbolic link, and links are never followed here")
	ErrNotRegular = errors.New("is not a regular file")
	ErrTooLarge   = errors.New("is too large")

	errDangling = errors.New("is a symbolic link that leads nowhere")
)

// Dir is a directory tree that nothing read or written through it can leave:
// it is opened as an [os.Root], and symbolic links inside it are refused
// rather than followed. Names are slash-separated and relative. A Dir need not
// exist until something is written to it.
type Dir struct {
	path   string
	before func(op, name string) error

	mu   sync.Mutex
	root *os.Root
	top  *os.File // the same directory, where the system has a faster way in

	above *Dir              // whose [Dir.Sub] it is, nil for none
	below map[*Dir]struct{} // that are open
}

// Options tune a Dir.
type Options struct {
	// Before, when set, is called ahead of every step that changes the disk,
	// with the step (mkdir, create, write, chmod, sync, link, rename,
	// remove) and the file. Its error fails the step. Tests use it to fail or
	// to kill the process at every step in turn.
	Before func(op, name string) error
}

// At names the directory at path, which is made absolute. It does not touch the disk.
func At(dir string, o Options) (*Dir, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("directory %q: %w", dir, err)
	}
	return &Dir{path: abs, before: o.Before}, nil
}

// Path is the absolute path of the directory, or of a file in it.
func (d *Dir) Path(name ...string) string {
	return filepath.Join(append([]string{d.path}, name...)...)
}

// Exists reports whether the directory is there.
func (d *Dir) Exists() (bool, error) {
	_, err := d.open()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (d *Dir) open() (*os.Root, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		return d.root, nil
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, err
	}
	d.root = root
	return root, nil
}

// opened is the directory as an open file.
func (d *Dir) opened() (*os.File, error) {
	root, err := d.open()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.top == nil {
		d.top, err = root.Open(".")
	}
	return d.top, err
}

// Close gives back the descriptors of the directory and of those that [Dir.Sub]
// has opened below it; the Dir may be used again.
func (d *Dir) Close() error {
	if d.above != nil {
		d.above.mu.Lock()
		delete(d.above.below, d)
		d.above.mu.Unlock()
	}
	d.mu.Lock()
	below := d.below
	d.below = nil
	d.mu.Unlock()
	var err error
	for sub := range below {
		err = errors.Join(err, sub.Close())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.top != nil {
		err = errors.Join(err, d.top.Close())
	}
	if d.root != nil {
		err = errors.Join(err, d.root.Close())
	}
	d.root, d.top = nil, nil
	return err
}

// done closes a directory that was opened for a while, if it was.
func (d *Dir) done() {
	if d != nil {
		_ = d.Close() // it was looked at, and nothing hangs on it
	}
}

// File is a file as it was read.
type File struct {
	Data []byte
	Info fs.FileInfo
}

// Read returns a regular file of at most limit bytes. A link anywhere on the
// way, a device, a pipe or a larger file is an error that names the file.
func (d *Dir) Read(name string, limit int64) (File, error) {
	if f, err := d.readBeneath(name, limit); err == nil {
		return f, nil
	} else if errors.Is(err, fs.ErrNotExist) {
		return File{}, d.pathError("open", name, err)
	}
	root, err := d.checked(name)
	if err != nil {
		return File{}, err
	}
	// Without O_NONBLOCK, opening a pipe that nobody writes to waits forever.
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return File{}, d.pathError("open", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return File{}, d.pathError("stat", name, err)
	}
	data, err := readRegular(f, info, limit)
	if err != nil {
		return File{}, d.pathError("read", name, err)
	}
	return File{Data: data, Info: info}, nil
}

func readRegular(f io.Reader, info fs.FileInfo, limit int64) ([]byte, error) {
	switch {
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	case info.Size() > limit:
		return nil, fmt.Errorf("%w: %d bytes, where %d are the most", ErrTooLarge, info.Size(), limit)
	}
	// The file may grow while it is read: the limit holds for what arrives, too.
	// One byte more than expected lets the first Read see the end of the file.
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, 512)
		}
	}
}

// Sub is the directory name as a Dir of its own, for reading many files below
// it without walking there each time.
func (d *Dir) Sub(name string) (*Dir, error) {
	root, err := d.checked(name)
	if err != nil {
		return nil, err
	}
	sub, err := root.OpenRoot(filepath.FromSlash(name))
	if err != nil {
		return nil, d.pathError("open", name, err)
	}
	below := &Dir{path: d.Path(filepath.FromSlash(name)), before: d.before, root: sub, above: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.below == nil {
		d.below = map[*Dir]struct{}{}
	}
	d.below[below] = struct{}{}
	return below, nil
}

// checked opens the directory after making sure that no element of name is a
// link. os.Root keeps a link that appears afterwards from leading outside.
func (d *Dir) checked(name string) (*os.Root, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, d.pathError("open", name, errNotLocal)
	}
	root, err := d.open()
	if err != nil || name == "." {
		return root, err
	}
	if d.plain(name) {
		return root, nil
	}
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		info, err := root.Lstat(filepath.FromSlash(name[:i]))
		if err != nil {
			return nil, d.pathError("open", name[:i], err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, d.pathError("open", name[:i], ErrLink)
		}
	}
	return root, nil
}

// pathError names the file by its absolute path, whatever the layer below called it.
func (d *Dir) pathError(op, name string, err error) error {
	var (
		inner *fs.PathError
		link  *os.LinkError
	)
	if errors.As(err, &inner) {
		err = inner.Err
	} else if errors.As(err, &link) {
		err = link.Err
	}
	return &fs.PathError{Op: op, Path: d.Path(filepath.FromSlash(name)), Err: err}
}
