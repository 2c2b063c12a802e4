//go:build !linux

package safefile

import (
	"errors"
	"io/fs"
	"os"
)

// This system has no call that opens a file and refuses links on the way, so that
// everything goes the general way.

// plain says nothing.
func (d *Dir) plain(string) bool { return false }

// openBeneath opens nothing.
func (d *Dir) openBeneath(string) (*os.File, bool) { return nil, false }

// statBeneath finds nothing.
func (d *Dir) statBeneath(string) (fs.FileInfo, error) { return nil, errors.ErrUnsupported }

// glance is a whole look.
func (d *Dir) glance(name string) (fs.FileInfo, error) { return d.Stat(name) }

// readBeneath reads nothing.
func (d *Dir) readBeneath(string, int64) (File, error) { return File{}, errors.ErrUnsupported }
