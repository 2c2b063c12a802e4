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

// statBeneath describes what is at name, be it a link. An error other than
// [fs.ErrNotExist] says nothing: the general way finds out.
func (d *Dir) statBeneath(name string) (fs.FileInfo, error) {
	fd, err := d.beneath(name, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }() // it was only looked at
	info := fileInfo{name: path.Base(name)}
	return &info, syscall.Fstat(fd, &info.stat)
}

// glance is one system call, where statBeneath takes three.
func (d *Dir) glance(name string) (fs.FileInfo, error) {
	top, err := d.opened()
	if err != nil {
		return nil, err
	}
	raw, err := top.SyscallConn()
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	ended := raw.Control(func(dir uintptr) {
		for again := true; again; again = errors.Is(err, unix.EINTR) {
			err = unix.Fstatat(int(dir), name, &stat, unix.AT_SYMLINK_NOFOLLOW)
		}
	})
	info := &fileInfo{name: path.Base(name)}
	info.stat.Mode, info.stat.Size, info.stat.Mtim = stat.Mode, stat.Size, syscall.Timespec(stat.Mtim)
	return info, errors.Join(ended, err)
}

// readBeneath reads a regular file that is nothing special, by system calls
// alone: the runtime's own files cost as much again. An error other than
// [fs.ErrNotExist] says nothing: the general way finds out what is there.
func (d *Dir) readBeneath(name string, limit int64) (File, error) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to waits forever.
	fd, err := d.beneath(name, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = unix.Close(fd) }() // it was only looked at
	info := fileInfo{name: path.Base(name)}
	switch err := syscall.Fstat(fd, &info.stat); {
	case err != nil:
		return File{}, err
	case !info.Mode().IsRegular():
		return File{}, ErrNotRegular
	case info.Size() > limit:
		return File{}, ErrTooLarge
	}
	// One byte more than expected lets the first read see the end of the file.
	data := make([]byte, info.Size()+1)
	for read := 0; ; {
		n, err := unix.Read(fd, data[read:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return File{}, err
		}
		read += n
		switch {
		case int64(read) > limit: // it has grown
			return File{}, ErrTooLarge
		case n == 0, int64(read) >= info.Size() && read < len(data):
			return File{Data: data[:read], Info: &info}, nil
		case read == len(data):
			data = append(data, make([]byte, read)...)
		}
	}
}

// fileInfo is what fstat says.
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

// Mode implements [fs.FileInfo].
func (i *fileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.stat.Mode & 0o777)
	if i.stat.Mode&unix.S_ISUID != 0 {
		mode |= fs.ModeSetuid
	}
	if i.stat.Mode&unix.S_ISGID != 0 {
		mode |= fs.ModeSetgid
	}
	if i.stat.Mode&unix.S_ISVTX != 0 {
		mode |= fs.ModeSticky
	}
	return mode | i.kind()
}

// kind is the part of the mode that says what it is.
func (i *fileInfo) kind() fs.FileMode {
	switch i.stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFBLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}
