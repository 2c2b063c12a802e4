package jwtstore

import (
	"fmt"
	"path"
	"path/filepath"
	"time"

	"nkeep/internal/safefile"
)

// keptDir holds tokens that were replaced and may be wanted again, each below a
// directory that is named after the time, under the path that it had.
const keptDir = safefile.Private + "/replaced"

// Keep stages a copy of a token that is about to be replaced, beside the stores,
// where no command looks. file is where the token lies. It returns the directory
// of what is kept of that time.
func (t *Tx) Keep(at time.Time, file, token string) (dir string, err error) {
	name, err := filepath.Rel(t.root.Path(), file)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("file %q: is in no store", file)
	}
	home := path.Join(keptDir, at.UTC().Format("20060102T150405Z"))
	t.put(path.Join(home, filepath.ToSlash(name)), token)
	return t.root.dir.Path(home), nil
}
