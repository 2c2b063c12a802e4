//go:build !linux

package safefile

import "os"

// plain says nothing: this system has no call that finds out at once.
func (d *Dir) plain(string) bool { return false }

// openBeneath opens nothing.
func (d *Dir) openBeneath(string) (*os.File, bool) { return nil, false }

// readBeneath reads nothing: this system has no faster way than the general one.
func (d *Dir) readBeneath(string, int64) (File, bool) { return File{}, false }
