//go:build unix

package keystore

import "io/fs"

// openMode reports whether anybody but the owner can do anything with a file.
func openMode(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// writableMode reports whether anybody but the owner can change what is in a directory.
func writableMode(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }
