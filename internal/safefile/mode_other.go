//go:build !unix

package safefile

import "io/fs"

// othersMay has nothing to say where permission bits do not tell who may do what.
func othersMay(fs.FileInfo, fs.FileMode) bool { return false }
