package safefile

import (
	"crypto/rand"
	"path"
)

// Cache replaces a file below [Private] that can be made again at any time. It
// is whole or not there, but takes no lock and waits for no disk; it makes no
// directory but the one for caches, and if it cannot be written it is not.
func (d *Dir) Cache(name string, data []byte) {
	if _, err := d.Stat(Private); err != nil {
		return
	}
	if _, err := d.Stat(path.Dir(name)); err != nil {
		if d.mkdir(path.Dir(name)) != nil {
			return
		}
	}
	next := name + "." + rand.Text() + nextSuffix
	if d.writeNew(next, data) != nil || d.rename(next, name) != nil {
		_ = d.remove(next) // somebody else's turn
	}
}
