//go:build !unix

package safefile

import "io/fs"

// OthersMay is false: here, permission bits do not tell who may do what.
func OthersMay(fs.FileInfo, fs.FileMode) bool { return false }
