//go:build unix

package safefile

import (
	"io/fs"
	"os"
	"syscall"
)

// private reports whether a file is as this package makes its own. One that came
// with an archive or a repository is readable by others, as a rule.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&^fileMode == 0 && OwnedByUser(info) }

// OwnedByUser reports whether a file belongs to the user who runs this process, or to root.
func OwnedByUser(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || st.Uid == 0 || int(st.Uid) == os.Geteuid()
}
