package safefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// The journal lists what a transaction is about to change, before it changes
// anything. While it exists the transaction is undone by whoever comes next;
// renaming it is the commit point, after which only the kept old versions
// remain to be taken away. It holds names and checksums, never contents.
const (
	journalName = Private + "/journal"
	doneName    = Private + "/done"
	maxJournal  = 1 << 30
)

const journalVersion = 1

var errOtherVersion = errors.New("use the nkeep that wrote it")

type journal struct {
	Version int      `json:"version"`
	Dirs    []string `json:"dirs"`    // absolute paths
	Made    []place  `json:"made"`    // directories that were missing, outermost first
	Entries []entry  `json:"entries"` // in the order in which they are applied
}

type place struct {
	Dir  int    `json:"dir"` // index into Dirs
	Name string `json:"name"`
}

type entry struct {
	place
	Existed bool   `json:"existed,omitempty"`
	Remove  bool   `json:"remove,omitempty"`
	Sum     string `json:"sum,omitempty"` // SHA-256 of the new content
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// plan looks at every target and says what the transaction will meet there.
func plan(dirs []*Dir, ops []op) (journal, error) {
	j := journal{Version: journalVersion, Made: []place{}, Entries: make([]entry, len(ops))}
	index := map[string]int{}
	for i, d := range dirs {
		j.Dirs = append(j.Dirs, d.path)
		index[d.path] = i
	}
	for i, o := range ops {
		dir, ok := index[o.dir.path]
		if !ok {
			return j, fmt.Errorf("directory %q: is not part of the transaction", o.dir.path)
		}
		j.Entries[i] = entry{place: place{dir, o.name}, Remove: o.remove}
		if !o.remove {
			j.Entries[i].Sum = sum(o.data)
		}
	}
	return j, j.inspect(dirs)
}

// inspect finds out which targets exist, and which directories do not.
func (j *journal) inspect(dirs []*Dir) error {
	var (
		made   = map[place]bool{}
		at     = place{Dir: -1}
		parent *Dir // nil when it is not there
	)
	defer func() { parent.done() }()
	for i := range j.Entries {
		e := &j.Entries[i]
		// Files of one directory stand together: it is looked at once.
		if e.parent() != at {
			at = e.parent()
			missing, err := dirs[e.Dir].missingDirs(e.Name)
			if err != nil {
				return err
			}
			parent.done()
			if parent = nil; len(missing) == 0 {
				if parent, err = dirs[at.Dir].Sub(at.Name); err != nil {
					return err
				}
			}
			for _, name := range missing {
				if p := (place{at.Dir, name}); !e.Remove && !made[p] {
					made[p] = true
					j.Made = append(j.Made, p)
				}
			}
		}
		if parent == nil {
			continue
		}
		existed, err := parent.regular(path.Base(e.Name))
		if err != nil {
			return err
		}
		e.Existed = existed
	}
	return nil
}

// encode ends the journal with a checksum: one that was cut short by a crash
// announces nothing that has begun.
func (j journal) encode() ([]byte, error) {
	data, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return append(data, "\n"+sum(data)+"\n"...), nil
}

// readJournal returns ok false when there is none or it was cut short.
func (d *Dir) readJournal(name string) (j journal, ok bool, err error) {
	f, err := d.Read(name, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return j, false, nil
	}
	if err != nil {
		return j, false, err
	}
	if !private(f.Info) {
		return j, false, d.pathError("read", name, errors.New("may have been written by others, so it is not acted upon: remove it, then check the store"))
	}
	data, checksum, found := bytes.Cut(f.Data, []byte("\n"))
	if !found || string(bytes.TrimSpace(checksum)) != sum(data) {
		return j, false, nil
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return j, false, d.pathError("read", name, err)
	}
	if j.Version != journalVersion {
		return j, false, d.pathError("read", name, fmt.Errorf("journal version %d is not known: %w", j.Version, errOtherVersion))
	}
	if !j.sound() {
		return j, false, d.pathError("read", name, errors.New("is damaged: remove it, then check the store"))
	}
	return j, true, nil
}

// sound reports whether every place lies in a directory of the journal. A
// checksum proves that it is complete, not that it is honest.
func (j journal) sound() bool {
	for _, p := range slices.Concat(places(j.Entries), j.Made) {
		if p.Dir < 0 || p.Dir >= len(j.Dirs) || p.Name == "." || !filepath.IsLocal(filepath.FromSlash(p.Name)) {
			return false
		}
	}
	return len(j.Dirs) > 0
}

// others are the directories of a journal besides home, where it was found. A
// directory that was moved or copied brings its journal along, and what that
// says about places elsewhere holds no longer.
func (j journal) others(home *Dir) ([]string, error) {
	if len(j.Dirs) > 1 && j.Dirs[0] != home.path && !sameDir(j.Dirs[0], home.path) {
		return nil, home.pathError("read", Private, fmt.Errorf("holds an interrupted change of %q, from where this was moved or copied: remove it, then check the store", j.Dirs[0]))
	}
	return j.Dirs[1:], nil
}

func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
