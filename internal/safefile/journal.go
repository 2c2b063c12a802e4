package safefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	j := journal{Version: journalVersion, Made: []place{}}
	index := map[string]int{}
	for i, d := range dirs {
		j.Dirs = append(j.Dirs, d.path)
		index[d.path] = i
	}
	made := map[place]bool{}
	for _, o := range ops {
		i, ok := index[o.dir.path]
		if !ok {
			return j, fmt.Errorf("directory %q: is not part of the transaction", o.dir.path)
		}
		e := entry{place: place{i, o.name}, Remove: o.remove}
		if err := o.inspect(&e); err != nil {
			return j, err
		}
		j.Entries = append(j.Entries, e)
		if o.remove {
			continue
		}
		missing, err := o.dir.missingDirs(o.name)
		if err != nil {
			return j, err
		}
		for _, name := range missing {
			if p := (place{i, name}); !made[p] {
				made[p] = true
				j.Made = append(j.Made, p)
			}
		}
	}
	return j, nil
}

func (o op) inspect(e *entry) error {
	if !o.remove {
		e.Sum = sum(o.data)
	}
	info, err := o.dir.Stat(o.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return o.dir.pathError("replace", o.name, ErrLink)
	case !info.Mode().IsRegular():
		return o.dir.pathError("replace", o.name, ErrNotRegular)
	}
	e.Existed = true
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
	if f.Info.Mode().Perm()&0o022 != 0 || !OwnedByUser(f.Info) {
		return j, false, d.pathError("read", name, errors.New("can be written by others, so it is not acted upon: remove it, then check the store"))
	}
	data, checksum, found := bytes.Cut(f.Data, []byte("\n"))
	if !found || string(bytes.TrimSpace(checksum)) != sum(data) {
		return j, false, nil
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return j, false, d.pathError("read", name, err)
	}
	if j.Version != journalVersion {
		return j, false, d.pathError("read", name, fmt.Errorf("journal version %d is not known: use the nkeep that wrote it", j.Version))
	}
	return j, true, nil
}
