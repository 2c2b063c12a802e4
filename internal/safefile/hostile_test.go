//go:build unix

package safefile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func put(ctx context.Context, name, data string, dirs ...*Dir) error {
	return Update(ctx, dirs, func(tx *Tx) error {
		tx.Put(Tokens, dirs[0], name, []byte(data))
		return nil
	})
}

// soon ends a test that would otherwise wait for a lock forever.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestRootThatIsALink(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	link := filepath.Join(home, "link")
	must(t, os.Symlink("real", link))
	for _, path := range []string{link, filepath.Join(link, "below")} {
		err := put(soon(t), "f", "x", dirAt(t, path, nil))
		if err == nil || !strings.Contains(err.Error(), `link: is a symbolic link that leads nowhere`) {
			t.Errorf("%q, dangling: %v", path, err)
		}
	}
	must(t, os.Mkdir(filepath.Join(home, "real"), 0o700))
	must(t, put(soon(t), "f", "x", dirAt(t, link, nil)))
	if got := tree(t, filepath.Join(home, "real")); got["f"] != "x" {
		t.Errorf("behind the link: %v", got)
	}
}

// TestTwoPathsToOneDirectory has one directory take part under two names: its
// lock is taken once.
func TestTwoPathsToOneDirectory(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	link := filepath.Join(home, "link")
	must(t, os.Symlink("real", link))
	must(t, os.Mkdir(filepath.Join(home, "real"), 0o700))
	a, b := dirAt(t, link, nil), dirAt(t, filepath.Join(home, "real"), nil)
	must(t, Update(soon(t), []*Dir{a, b}, func(tx *Tx) error {
		tx.Put(Keys, a, "key", []byte("1"))
		tx.Put(Tokens, b, "token", []byte("2"))
		return nil
	}))
	if got, want := tree(t, b.Path()), map[string]string{"key": "1", "token": "2"}; !maps.Equal(got, want) {
		t.Errorf("found %v", got)
	}
}

func TestLockFileThatIsNone(t *testing.T) {
	t.Parallel()
	for want, plant := range map[error]func(name string) error{
		ErrNotRegular: func(name string) error { return syscall.Mkfifo(name, 0o600) },
		ErrLink:       func(name string) error { return os.Symlink("/etc/passwd", name) },
	} {
		d := dirAt(t, t.TempDir(), nil)
		must(t, os.Mkdir(d.Path(Private), 0o700))
		must(t, plant(d.Path(lockName)))
		if err := put(soon(t), "f", "x", d); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// TestDirectoryThatWasReplaced keeps a Dir while its directory is moved away or
// removed, and another takes its place: that one is written.
func TestDirectoryThatWasReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path string) error{
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"removed": os.RemoveAll,
	} {
		path := filepath.Join(t.TempDir(), "store")
		d := dirAt(t, path, nil)
		must(t, put(soon(t), "f", "1", d))
		must(t, replace(path))
		must(t, put(soon(t), "f", "2", dirAt(t, path, nil)))
		must(t, put(soon(t), "g", "3", d))
		if got, want := tree(t, path), map[string]string{"f": "2", "g": "3"}; !maps.Equal(got, want) {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

// TestDirectoryThatVanishes removes the directory between two steps of locking
// it, as a process does that has made it for nothing.
func TestDirectoryThatVanishes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store")
	once := sync.OnceValue(func() error { return os.Remove(path) })
	d := dirAt(t, path, func(op, name string) error {
		if op == "mkdir" && filepath.Base(name) == Private {
			return once()
		}
		return nil
	})
	must(t, put(soon(t), "f", "1", d))
	if got := tree(t, path); got["f"] != "1" {
		t.Errorf("found %v", got)
	}
}

// interrupt leaves w with a journal of a transaction that has changed files but
// is not committed.
func interrupt(t *testing.T, w world) {
	t.Helper()
	renames := 0
	a, b := dirAt(t, w.a, nil), dirAt(t, w.b, nil)
	dead := func(op, _ string) error {
		if op == "rename" {
			renames++
		}
		if renames > 2 {
			return errFault
		}
		return nil
	}
	a.before, b.before = dead, dead
	if err := change(t.Context(), a, b); !errors.Is(err, errFault) || !dirAt(t, w.a, nil).Pending() {
		t.Fatalf("not interrupted: %v", err)
	}
}

// TestRecoveryMeetsOtherThings puts a link, a pipe or a directory where a file
// of an interrupted transaction was: it stays, and the rest is undone.
func TestRecoveryMeetsOtherThings(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(name string) error{
		"link":      func(name string) error { return os.Symlink("/etc/passwd", name) },
		"pipe":      func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"directory": func(name string) error { return os.Mkdir(name, 0o700) },
	} {
		w := newWorld(t)
		interrupt(t, w)
		file := filepath.Join(w.a, "op/op.jwt")
		must(t, os.Remove(file))
		must(t, plant(file))
		must(t, w.recover(t, &faults{}))
		if info, err := os.Lstat(file); err != nil || info.Mode().IsRegular() {
			t.Errorf("%s: replaced: %v %v", name, info, err)
		}
		if _, err := os.Stat(filepath.Join(w.b, "keys/A")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the rest was not undone: %v", name, err)
		}
	}
}

// TestRecoveryMeetsAnotherParent does the same with the directory of such a file.
func TestRecoveryMeetsAnotherParent(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	must(t, os.WriteFile(filepath.Join(outside, "op.jwt"), []byte("new"), 0o600))
	for name, plant := range map[string]func(name string) error{
		"link": func(name string) error { return os.Symlink(outside, name) },
		"file": func(name string) error { return os.WriteFile(name, nil, 0o600) },
	} {
		w := newWorld(t)
		interrupt(t, w)
		must(t, os.RemoveAll(filepath.Join(w.a, "op")))
		must(t, plant(filepath.Join(w.a, "op")))
		if err := w.recover(t, &faults{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := tree(t, outside); got["op.jwt"] != "new" {
		t.Errorf("outside: %v", got)
	}
}

// TestRecoveryTakesLocksInOrder recovers in one process with few directories
// while another needs all of them: neither waits for the other forever.
func TestRecoveryTakesLocksInOrder(t *testing.T) {
	t.Parallel()
	for range 10 {
		w := newWorld(t)
		w.a, w.b = w.b, w.a // the home of the journal comes last in the order of locks
		must(t, os.MkdirAll(filepath.Join(w.a, "op"), 0o700))
		interruptHome(t, w)
		ctx := soon(t)
		var wg sync.WaitGroup
		for _, dirs := range [][]*Dir{{dirAt(t, w.a, nil)}, {dirAt(t, w.a, nil), dirAt(t, w.b, nil)}} {
			wg.Go(func() {
				if err := Update(ctx, dirs, func(*Tx) error { return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

// interruptHome leaves a journal of both directories in w.a and nothing else.
func interruptHome(t *testing.T, w world) {
	t.Helper()
	plantJournal(t, w.a, journal{Version: journalVersion, Dirs: []string{w.a, w.b}, Made: []place{}})
}

func plantJournal(t *testing.T, dir string, j journal) {
	t.Helper()
	data, err := j.encode()
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(dir, Private), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, journalName), data, 0o600))
}

// TestHostileJournal plants journals with a right checksum, as they can come
// with a store from elsewhere.
func TestHostileJournal(t *testing.T) {
	t.Parallel()
	victim := t.TempDir()
	must(t, os.WriteFile(filepath.Join(victim, "known"), []byte("old"), 0o600))
	home := func(dirs ...string) func(w world) []string {
		return func(w world) []string { return append([]string{w.a}, dirs...) }
	}
	for name, c := range map[string]struct {
		dirs    func(w world) []string
		made    []place
		entries []entry
		refused bool
	}{
		"no directory":      {dirs: func(world) []string { return nil }, refused: true},
		"no such directory": {dirs: home(), entries: []entry{{place: place{7, "x"}}}, refused: true},
		"negative":          {dirs: home(), made: []place{{-1, "x"}}, refused: true},
		"leaves":            {dirs: home(), entries: []entry{{place: place{0, "../known"}}}, refused: true},
		"the root":          {dirs: home(), made: []place{{0, "."}}, refused: true},
		"made a file":       {dirs: home(), made: []place{{0, "op/op.jwt"}}},
		"from elsewhere": {
			dirs:    func(world) []string { return []string{"/elsewhere", victim} },
			entries: []entry{{place: place{1, "known"}, Sum: sum([]byte("old"))}},
			refused: true,
		},
	} {
		w := newWorld(t)
		before := w.state(t)
		j := journal{Version: journalVersion, Dirs: c.dirs(w), Made: c.made, Entries: c.entries}
		plantJournal(t, w.a, j)
		if err := w.recover(t, &faults{}); (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		got := w.state(t)
		delete(got, "a:"+journalName)
		if !maps.Equal(got, before) {
			t.Errorf("%s: found %v", name, got)
		}
	}
	if got := tree(t, victim); got["known"] != "old" {
		t.Errorf("victim: %v", got)
	}
}

// TestMovedStore moves a directory with a pending journal of its own: what the
// journal says concerns it where it is now, and not what took its place.
func TestMovedStore(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	from, to := filepath.Join(home, "from"), filepath.Join(home, "to")
	for _, dir := range []string{from, to} {
		must(t, os.Mkdir(dir, 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "f"), []byte("new"), 0o600))
	}
	plantJournal(t, to, journal{Version: journalVersion, Dirs: []string{from}, Entries: []entry{{place: place{0, "f"}, Sum: sum([]byte("new"))}}})
	must(t, Update(soon(t), []*Dir{dirAt(t, to, nil)}, func(*Tx) error { return nil }))
	if got := fmt.Sprint(tree(t, from), tree(t, to)); got != "map[f:new] map[]" {
		t.Errorf("found %s", got)
	}
}

func FuzzReadJournal(f *testing.F) {
	good, _ := json.Marshal(journal{Version: journalVersion, Dirs: []string{"/a"}, Entries: []entry{{place: place{0, "x"}, Sum: "00"}}})
	for _, seed := range []string{string(good), `{}`, `null`, `{"version":1,"dirs":[]}`, `{"version":1,"dirs":["/a"],"made":[{"dir":1,"name":"x"}]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		body, _, _ = strings.Cut(body, "\n")
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, Private), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, journalName), []byte(body+"\n"+sum([]byte(body))+"\n"), 0o600))
		j, ok, err := dirAt(t, dir, nil).readJournal(journalName)
		if ok != (err == nil) {
			t.Fatalf("ok %v, %v", ok, err)
		}
		for _, p := range append(places(j.Entries), j.Made...) {
			if ok && (p.Dir < 0 || p.Dir >= len(j.Dirs) || !filepath.IsLocal(p.Name)) {
				t.Errorf("accepted %v", p)
			}
		}
	})
}
