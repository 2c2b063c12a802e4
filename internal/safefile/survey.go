package safefile

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// maxDepth is how deep a survey goes. Honest trees end at a depth of six.
const maxDepth = 32

// Found is one thing that [Dir.Survey] came across.
type Found struct {
	File     string      // slash-separated, below the directory
	Path     string      // absolute
	Info     fs.FileInfo // nil when it cannot be looked at
	Data     []byte      // of a regular file that was asked for
	Err      error       // why there is no Data, or why nothing below was surveyed
	Leftover bool        // one of nkeep's own files, where none stays for long
	Empty    bool        // a directory that holds nothing
}

// Dir reports whether it is a directory.
func (f Found) Dir() bool { return f.Info != nil && f.Info.IsDir() }

// Open reports whether anybody but the owner has any of these permissions. It
// is false where permissions do not tell who may do what.
func (f Found) Open(bits fs.FileMode) bool {
	return f.Info != nil && f.Info.Mode()&fs.ModeSymlink == 0 && OthersMay(f.Info, bits)
}

// Foreign reports whether it belongs to another user who is not root.
func (f Found) Foreign() bool { return f.Info != nil && !OwnedByUser(f.Info) }

// Unfit reports whether what lies there can never be read as a file, whoever
// tries: it is a link, a directory, a pipe, or larger than anything honest.
func (f Found) Unfit() bool {
	return errors.Is(f.Err, ErrLink) || errors.Is(f.Err, ErrNotRegular) || errors.Is(f.Err, ErrTooLarge)
}

// Visitor says how a survey goes.
type Visitor struct {
	// Enter says whether to go into a directory. One that is not entered is
	// not reported.
	Enter func(name string) bool
	// Limit is the size in bytes of the largest file that is read, 0 for a
	// file whose content is of no interest.
	Limit func(name string) int64
	// Visit gets everything that is found, from several goroutines at once. A
	// directory comes before the files in it, in the order of their names,
	// and these before anything in the directories beside them.
	Visit func(Found)
}

// Survey goes through everything below the directory, nkeep's own leftovers
// included, and follows no link. Each file is opened once at most, and its
// content forgotten after the visit. A directory that is not there is empty.
func (d *Dir) Survey(ctx context.Context, v Visitor) error {
	if ok, err := d.Exists(); !ok || err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	s := &survey{ctx: ctx, dir: d, Visitor: v, group: group}
	group.Go(func() error { return s.directory(".", 0) })
	return group.Wait()
}

type survey struct {
	Visitor
	ctx   context.Context //nolint:containedctx // it lives as long as the survey, which is one call
	dir   *Dir
	group *errgroup.Group
}

func (s *survey) directory(name string, depth int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	found := Found{File: name, Path: s.dir.Path(name)}
	found.Info, found.Err = s.dir.Stat(name)
	var entries []fs.DirEntry
	if found.Err == nil && depth <= maxDepth {
		entries, found.Err = s.dir.everything(name)
		slices.SortFunc(entries, byName)
	}
	found.Empty = found.Err == nil && depth <= maxDepth && len(entries) == 0
	s.Visit(found)
	var dirs []string
	for _, e := range entries {
		sub := path.Join(name, e.Name())
		switch {
		case sub == Private: // the lock, and what was put into quarantine
		case e.IsDir() && e.Name() != Private:
			dirs = append(dirs, sub)
		default:
			s.file(sub, e)
		}
	}
	return s.below(dirs, depth+1)
}

// below surveys directories, each in a goroutine of its own as long as there are any to be had.
func (s *survey) below(dirs []string, depth int) error {
	for _, sub := range dirs {
		if !s.Enter(sub) {
			continue
		}
		if s.group.TryGo(func() error { return s.directory(sub, depth) }) {
			continue
		}
		if err := s.directory(sub, depth); err != nil {
			return err
		}
	}
	return nil
}

func (s *survey) file(name string, e fs.DirEntry) {
	found := Found{File: name, Path: s.dir.Path(name), Leftover: isPrivate(e.Name())}
	limit := s.Limit(name)
	if e.Type().IsRegular() && limit > 0 && !found.Leftover {
		var f File
		if f, found.Err = s.dir.Read(name, limit); found.Err == nil {
			found.Data, found.Info = f.Data, f.Info
			s.Visit(found)
			return
		}
	}
	info, err := s.dir.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return // somebody has taken it away
	case found.Err != nil:
	case err != nil:
		found.Err = err
	case info.Mode()&fs.ModeSymlink != 0:
		found.Err = s.dir.pathError("read", name, ErrLink)
	case !info.Mode().IsRegular():
		found.Err = s.dir.pathError("read", name, ErrNotRegular)
	}
	found.Info = info
	s.Visit(found)
}
