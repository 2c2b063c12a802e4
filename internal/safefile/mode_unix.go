//go:build unix

package safefile

import "io/fs"

// othersMay reports whether the group or anybody else has one of these permissions.
func othersMay(info fs.FileInfo, bits fs.FileMode) bool { return info.Mode().Perm()&bits&0o077 != 0 }
