package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// beneath opens name without following a link anywhere, and without leaving
// the directory: one system call, which [Dir.checked] and os.Root otherwise
// take several for each element of the path. The kernel may not know it.
func (d *Dir) beneath(name string, flags uint64) (fd int, err error) {
	top, err := d.opened()
	if err != nil {
		return -1, err
	}
	raw, err := top.SyscallConn()
	if err != nil {
		return -1, err
	}
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS}
	ended := raw.Control(func(dir uintptr) {
		for again := true; again; again = errors.Is(err, unix.EINTR) {
			fd, err = unix.Openat2(int(dir), name, &how)
		}
	})
	return fd, errors.Join(ended, err)
}

// plain reports whether something lies at name and no element of the way there
// is a link. False says nothing.
func (d *Dir) plain(name string) bool {
	fd, err := d.beneath(name, unix.O_PATH)
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	return true
}

// openBeneath opens a directory. One that os.Root has opened looks at each of
// its entries when it is listed, in case somebody asks for more than the names.
func (d *Dir) openBeneath(name string) (*os.File, bool) {
	fd, err := d.beneath(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, false
	}
	return os.NewFile(uintptr(fd), d.Path(name)), true
}

// readBeneath reads a regular file that is nothing special, by system calls
// alone: the runtime's own files cost as much again. Whatever is in the way, it
// returns ok false, and the general way finds out what it is.
func (d *Dir) readBeneath(name string, limit int64) (f File, ok bool) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to waits forever.
	fd, err := d.beneath(name, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return File{}, false
	}
	defer unix.Close(fd)
	info := fileInfo{name: path.Base(name)}
	if err := syscall.Fstat(fd, &info.stat); err != nil || !info.Mode().IsRegular() || info.Size() > limit {
		return File{}, false
	}
	// A read that returns less than was asked for has met the end of the file.
	data := make([]byte, info.Size()+1)
	for read := 0; ; {
		n, err := unix.Read(fd, data[read:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return File{}, false
		}
		read += n
		if read < len(data) {
			return File{Data: data[:read], Info: &info}, true
		}
		if int64(read) > limit { // it grows
			return File{}, false
		}
		data = append(data, make([]byte, read)...)
	}
}

// fileInfo is what fstat says of a regular file.
type fileInfo struct {
	name string
	stat syscall.Stat_t
}

// Name implements [fs.FileInfo].
func (i *fileInfo) Name() string { return i.name }

// Size implements [fs.FileInfo].
func (i *fileInfo) Size() int64 { return i.stat.Size }

// ModTime implements [fs.FileInfo].
func (i *fileInfo) ModTime() time.Time { return time.Unix(i.stat.Mtim.Unix()) }

// IsDir implements [fs.FileInfo].
func (i *fileInfo) IsDir() bool { return i.Mode().IsDir() }

// Sys implements [fs.FileInfo].
func (i *fileInfo) Sys() any { return &i.stat }

// Mode implements [fs.FileInfo]. Beyond the permissions it tells regular files
// from all others.
func (i *fileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.stat.Mode & 0o777)
	if i.stat.Mode&unix.S_IFMT != unix.S_IFREG {
		mode |= fs.ModeIrregular
	}
	return mode
}

var _ os.FileInfo = (*fileInfo)(nil)
