//go:build !unix

package keystore

import "io/fs"

// openMode has nothing to say where permission bits do not tell who can read.
func openMode(fs.FileInfo) bool { return false }

// writableMode has nothing to say there, either.
func writableMode(fs.FileInfo) bool { return false }
