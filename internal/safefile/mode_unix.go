//go:build unix

package safefile

import "io/fs"

// OthersMay reports whether the group or anybody else has one of these
// permissions. It is false where permissions do not tell who may do what.
func OthersMay(info fs.FileInfo, bits fs.FileMode) bool { return info.Mode().Perm()&bits&0o077 != 0 }
