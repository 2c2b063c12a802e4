package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"

	"nkeep/internal/safefile"
)

// wayOut is what else helps against a refusal.
const wayOut = "or set NKEEP_ALLOW_OPEN_KEYS=1 where secrets are mounted so"

// private refuses a secret that others can read or replace, as ssh does.
func (r *Ring) private(info fs.FileInfo, file string) error {
	switch {
	case r.opts.AllowOpen:
		return nil
	case !safefile.OwnedByUser(info):
		return foreign("file", file)
	case safefile.OthersMay(info, 0o777):
		what := "read"
		if info.Mode().Perm()&0o044 == 0 {
			what = "changed"
		}
		return fmt.Errorf("file %q can be %s by others (mode %04o): chmod 600 %q, %s", Redact(file), what, info.Mode().Perm(), Redact(file), wayOut)
	}
	return nil
}

// trusted refuses a file of the keystore that others can read or replace.
func (r *Ring) trusted(name string, info fs.FileInfo) error {
	if err := r.private(info, r.dir.Path(name)); err != nil {
		return err
	}
	return r.privateDirs(name)
}

// privateDirs refuses a file of the keystore in whose place others could put
// one of theirs: each directory from the keystore down to it must belong to the
// user or to root, and be writable by its owner alone. That others can list it
// shows them public keys and no secret; ssh puts up with that, too. What is not
// there yet is made by the transaction, with the right mode.
func (r *Ring) privateDirs(name string) error {
	if r.opts.AllowOpen {
		return nil
	}
	return r.dirs.judge(path.Dir(name), r.privateDir)
}

func (r *Ring) privateDir(dir string) error {
	info, err := r.dir.Stat(dir)
	switch file := r.dir.Path(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !safefile.OwnedByUser(info):
		return foreign("directory", file)
	case safefile.OthersMay(info, 0o222):
		return fmt.Errorf("directory %q can be written by others (mode %04o), who can replace what is in it: chmod go-w %q, %s",
			Redact(file), info.Mode().Perm(), Redact(file), wayOut)
	}
	return nil
}

func foreign(what, file string) error {
	return fmt.Errorf("%s %q belongs to another user: chown %d %q, %s", what, Redact(file), os.Geteuid(), Redact(file), wayOut)
}

// judged are the directories that a run has looked at: a thousand keys lie in
// few of them, and each is looked at once.
type judged struct {
	mu   sync.Mutex
	dirs map[string]error
}

// judge is the verdict on dir and the directories above it.
func (j *judged) judge(dir string, look func(string) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.verdict(dir, look)
}

func (j *judged) verdict(dir string, look func(string) error) error {
	if err, ok := j.dirs[dir]; ok {
		return err
	}
	var err error
	if dir != "." {
		err = j.verdict(path.Dir(dir), look)
	}
	if err == nil {
		err = look(dir)
	}
	if j.dirs == nil {
		j.dirs = map[string]error{}
	}
	j.dirs[dir] = err
	return err
}
