//go:build unix

package keystore

import "io/fs"

func openMode(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
