package safefile

import (
	"os"

	"golang.org/x/sys/unix"
)

// plainPath reports whether something lies at name and no element of the way
// there is a link: with one system call what [Dir.checked] otherwise asks
// element by element. False says nothing; the kernel may not know the call.
func plainPath(root *os.Root, name string) bool {
	top, err := root.Open(".")
	if err != nil {
		return false
	}
	defer top.Close()
	fd, err := unix.Openat2(int(top.Fd()), name, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	return true
}
