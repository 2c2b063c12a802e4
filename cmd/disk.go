package cmd

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// hintDisk says what to do about a disk that refuses to read or write. The
// command can be repeated then: a change that failed has left nothing behind.
func hintDisk(err error) error {
	var (
		path *fs.PathError
		link *os.LinkError
	)
	if !errors.As(err, &path) && !errors.As(err, &link) {
		return err
	}
	switch {
	case isAny(err, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG):
		return withHint(err, "make room on the disk, then repeat the command")
	case isAny(err, syscall.EROFS, fs.ErrPermission):
		return withHint(err, "see to it that you may read and write there, then repeat the command")
	case isAny(err, syscall.EIO):
		return withHint(err, "see to the disk, which cannot be relied upon, then repeat the command")
	}
	return err
}

func isAny(err error, kinds ...error) bool {
	for _, k := range kinds {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}
