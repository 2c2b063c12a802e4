//go:build !linux

package safefile

import "os"

// plainPath knows no way to ask about a whole path at once here.
func plainPath(*os.Root, string) bool { return false }
