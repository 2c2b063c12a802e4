//go:build !unix

package keystore

import "io/fs"

// openMode has nothing to say where permission bits do not tell who can read.
func openMode(fs.FileInfo) bool { return false }
