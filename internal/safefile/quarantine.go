package safefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"time"
)

// What is put into quarantine keeps its path, below a directory that is named
// after the time, and gets an extension of its own: nsc takes any key or creds file
// that is not in its place for a keyring of 2019, and does nothing until that is
// migrated. The manifest there says where it came from.
const (
	quarantineDir = Private + "/quarantine"
	quarantineExt = ".aside"
	manifestFile  = "manifest.json"
	quarantineFmt = "20060102T150405Z"
)

// Quarantine takes files out of the way without losing them: it moves them to a
// place below [Private], whatever they are: links and pipes too, which are
// neither opened nor followed.
type Quarantine struct {
	dir      *Dir
	at       time.Time
	path     string
	manifest manifest
}

type manifest struct {
	Time  string  `json:"time"` // RFC 3339
	Root  string  `json:"root"` // absolute
	Files []aside `json:"files"`
}

type aside struct {
	Name string `json:"name"` // slash-separated: below root before; beside the manifest now, as File
	File string `json:"file"`
	Why  string `json:"why"`
	Mode string `json:"mode"` // what it had
}

// Quarantine begins to collect files of the directory. Nothing is moved before
// [Quarantine.Commit].
func (d *Dir) Quarantine(at time.Time) *Quarantine {
	at = at.UTC()
	return &Quarantine{dir: d, at: at, manifest: manifest{Time: at.Format(time.RFC3339), Root: d.path}}
}

// Add names a file that is to be moved, and says why.
func (q *Quarantine) Add(name, why string) {
	q.manifest.Files = append(q.manifest.Files, aside{Name: name, File: asideName(name), Why: why})
}

func asideName(name string) string {
	if len(path.Base(name))+len(quarantineExt) > 255 { // what no file system takes
		return name
	}
	return name + quarantineExt
}

// Path is where the files are, absolute; empty as long as none was moved.
func (q *Quarantine) Path() string { return q.path }

// Commit moves the files, as a caller does who holds the lock of the directory.
// The manifest is on disk before the first of them moves, and each moves in one
// step: after a crash every file is in either place, and the manifest tells of
// all. What is gone already is left out, and directories that become empty go.
func (q *Quarantine) Commit() error {
	if err := q.look(); err != nil || len(q.manifest.Files) == 0 {
		return err
	}
	home, err := q.makeHome()
	if err != nil {
		return err
	}
	q.path = q.dir.Path(home)
	var touched []target
	for _, f := range q.manifest.Files {
		to := path.Join(home, f.File)
		if err := q.dir.moveAside(f.Name, to); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		touched = append(touched, target{q.dir, path.Dir(f.Name)}, target{q.dir, path.Dir(to)})
	}
	if len(touched) >= manyFiles {
		err = syncFileSystems([]*Dir{q.dir})
	} else {
		err = syncTargets(touched)
	}
	for _, f := range q.manifest.Files {
		err = errors.Join(err, q.dir.prune(path.Dir(f.Name)))
	}
	return err
}

// look leaves out what is not there, and notes the modes of the rest.
func (q *Quarantine) look() error {
	var there []aside
	for _, f := range q.manifest.Files {
		info, err := q.dir.Stat(f.Name)
		if isElse(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		f.Mode = info.Mode().String()
		there = append(there, f)
	}
	q.manifest.Files = there
	return nil
}

// makeHome makes a directory that was not there, with the manifest in it.
func (q *Quarantine) makeHome() (home string, err error) {
	data, err := json.MarshalIndent(q.manifest, "", " ")
	if err != nil {
		return "", fmt.Errorf("quarantine: %w", err)
	}
	if home, err = q.freeName(); err != nil {
		return "", fmt.Errorf("quarantine: %w", err)
	}
	file := path.Join(home, manifestFile)
	if err := q.dir.mkdirsFor(file); err != nil {
		return "", fmt.Errorf("quarantine: %w", err)
	}
	if err := q.dir.write(file, append(data, '\n')); err != nil {
		return "", fmt.Errorf("quarantine: %w", err)
	}
	return home, syncTargets([]target{{q.dir, file}, {q.dir, home}, {q.dir, quarantineDir}, {q.dir, Private}})
}

// freeName is a name for the time, and a number when several have the same.
func (q *Quarantine) freeName() (string, error) {
	first := path.Join(quarantineDir, q.at.Format(quarantineFmt))
	for name, n := first, 2; ; n++ {
		if _, err := q.dir.Stat(name); isElse(err) {
			return name, nil
		} else if err != nil {
			return "", err
		}
		name = first + "-" + strconv.Itoa(n)
	}
}

// mkdirsFor makes the directories above name that are missing.
func (d *Dir) mkdirsFor(name string) error {
	missing, err := d.missingDirs(name)
	if err != nil {
		return err
	}
	for _, m := range missing {
		if err := d.mkdir(m); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dir) moveAside(name, to string) error {
	if err := d.mkdirsFor(to); err != nil {
		return err
	}
	if err := d.rename(name, to); err != nil {
		return err
	}
	if err := d.Tighten(to); !errors.Is(err, fs.ErrPermission) { // somebody else's keeps its mode
		return err
	}
	return nil
}

// Tighten takes all permissions of others from a file or directory, and gives
// it the mode that everything made here has. Links and what is neither file nor
// directory are left as they are.
func (d *Dir) Tighten(name string) error {
	info, err := d.Stat(name)
	if err != nil {
		return err
	}
	mode := fileMode
	switch {
	case info.IsDir():
		mode = dirMode
	case !info.Mode().IsRegular():
		return nil
	}
	if info.Mode()&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) == mode {
		return nil
	}
	return d.step("chmod", name, func(root *os.Root, name string) error { return root.Chmod(name, mode) })
}

// RemoveEmpty removes a directory that holds nothing, and those above it that
// held nothing else. One that holds something stays.
func (d *Dir) RemoveEmpty(name string) error {
	if info, err := d.Stat(name); err != nil || !info.IsDir() {
		return nil //nolint:nilerr // what is not there is empty enough
	}
	return d.prune(name)
}
