//go:build unix

package faults

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
)

// objects are what can lie in a store in place of a file or a directory. What
// is behind a link, in a directory called outside, is a copy of what was there:
// whoever follows the link finds what is looked for.
func objects() map[string]func(file, outside string) error {
	return map[string]func(file, outside string) error{
		"link":          func(file, outside string) error { return os.Symlink(outside, file) },
		"dangling link": func(file, _ string) error { return os.Symlink("nowhere", file) },
		"link to zeros": func(file, _ string) error { return os.Symlink("/dev/zero", file) },
		"hard link":     func(file, outside string) error { return os.Link(outside, file) },
		"pipe":          func(file, _ string) error { return syscall.Mkfifo(file, 0o600) },
		"socket":        func(file, _ string) error { return syscall.Mknod(file, syscall.S_IFSOCK|0o600, 0) },
		"file":          func(file, _ string) error { return os.WriteFile(file, []byte("nothing"), 0o600) },
		"directory": func(file, _ string) error {
			if err := os.Mkdir(file, 0o700); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(file, "nothing.jwt"), []byte("nothing"), 0o600)
		},
	}
}

// spots are the places in the usual store where something else lies.
func (h *home) spots(t *testing.T) map[string]string {
	t.Helper()
	const accounts = ".nsc/nats/O/accounts"
	data, err := os.ReadFile(filepath.Join(h.dir, accounts, "A/A.jwt"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := jwt.Decode(string(data))
	if err != nil {
		t.Fatal(err)
	}
	key := c.Claims().Subject
	shard := ".nkeys/keys/A/" + key[1:3]
	return map[string]string{
		"operator token":       ".nsc/nats/O/O.jwt",
		"marker":               ".nsc/nats/O/.nsc",
		"accounts":             accounts,
		"account":              accounts + "/A",
		"account token":        accounts + "/A/A.jwt",
		"users":                accounts + "/A/users",
		"user token":           accounts + "/A/users/U.jwt",
		"staged token":         accounts + "/A/.A.jwt.nkeep-next",
		"kept token":           accounts + "/A/.A.jwt.nkeep-last",
		"selection":            ".nsc/nsc.json",
		"keys":                 ".nkeys/keys",
		"shard":                shard,
		"account seed":         shard + "/" + key + ".nk",
		"creds":                ".nkeys/creds",
		"user creds":           ".nkeys/creds/O/A/U.creds",
		"private":              ".nsc/nats/.nkeep",
		"private of keys":      ".nkeys/.nkeep",
		"lock":                 ".nsc/nats/.nkeep/lock",
		"lock of keys":         ".nkeys/.nkeep/lock",
		"journal":              ".nsc/nats/.nkeep/journal",
		"done":                 ".nsc/nats/.nkeep/done",
		"journal of selection": ".nsc/.nkeep/journal",
	}
}

// TestHostileObjects puts links, pipes, devices, sockets and directories where
// commands look for their files. They refuse them or do without, soon; they
// name what is in the way; and they neither read nor write what is behind it.
func TestHostileObjects(t *testing.T) {
	t.Parallel()
	for name := range newHome(t, usual()...).spots(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, usual()...)
			e := &encounter{T: t, h: h, spot: h.spots(t)[name], old: h.look(t)}
			for kind, put := range objects() {
				e.meet(kind, put)
			}
		})
	}
}

// encounter is an object at one spot.
type encounter struct {
	*testing.T
	h    *home
	spot string
	old  disk
	met  int
	good map[string]int // exit codes of commands when nothing is in the way
	bare map[string]int // and when nothing is there
}

func (e *encounter) codes(prepare func()) map[string]int {
	codes := map[string]int{}
	for _, line := range encounters() {
		prepare()
		codes[line] = e.h.run(nil, line).code
	}
	return codes
}

func (e *encounter) meet(kind string, put func(file, outside string) error) {
	e.Helper()
	if e.good == nil {
		e.good = e.codes(func() { e.h.restore(e.T, e.old) })
		e.bare = e.codes(func() { e.h.restore(e.T, e.old.without(e.spot)) })
	}
	if e.old[e.spot].mode.IsDir() && (kind == "hard link" || kind == "directory") {
		return // cannot be linked, or is one
	}
	for i, line := range encounters() {
		if e.met++; (e.met+i)%thin != 0 {
			continue
		}
		outside := e.plant(put)
		before := e.h.look(e.T)
		r := e.h.soon(e.T, kind, line)
		what := kind + " at " + e.spot + ": nkeep " + line
		e.judge(what, kind, line, r)
		if diff := before.diff(e.h.look(e.T)); r.code != 0 && diff != "" && !strings.Contains(r.stderr, "the next command tries again") {
			e.Errorf("%s: failed, and changed: %s", what, diff)
		}
		if diff := outside.diff(look(e.T, e.h.dir+".outside")); diff != "" {
			e.Errorf("%s: changed what is outside: %s", what, diff)
		}
		if r.code != e.good[line] {
			e.repeat(what, line)
		}
	}
}

// repeat takes the object away and puts back what was there: then all is well.
func (e *encounter) repeat(what, line string) {
	e.Helper()
	if err := os.RemoveAll(filepath.Join(e.h.dir, filepath.FromSlash(e.spot))); err != nil {
		e.Fatal(err)
	}
	for _, name := range e.old.names() {
		if name == e.spot || strings.HasPrefix(name, e.spot+"/") {
			if err := e.old[name].put(filepath.Join(e.h.dir, filepath.FromSlash(name))); err != nil {
				e.Fatal(err)
			}
		}
	}
	if r := e.h.run(nil, line); r.code != e.good[line] {
		e.Errorf("%s, and again without: %s", what, r)
	}
	e.h.verify(e.T, false)
}

// plant puts an object at the spot, and a copy of what was there outside.
func (e *encounter) plant(put func(file, outside string) error) disk {
	e.Helper()
	outside := &home{dir: e.h.dir + ".outside"}
	if err := os.MkdirAll(outside.dir, 0o700); err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { _ = os.RemoveAll(outside.dir) })
	outside.restore(e.T, e.old.below(e.spot))
	e.h.restore(e.T, e.old.without(e.spot))
	file := filepath.Join(e.h.dir, filepath.FromSlash(e.spot))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		e.Fatal(err)
	}
	if err := put(file, filepath.Join(outside.dir, "it")); err != nil {
		e.Skipf("%s: cannot be made here: %v", e.spot, err)
	}
	return look(e.T, outside.dir)
}

// judge looks at how a command ended that met an object.
func (e *encounter) judge(what, kind, line string, r result) {
	e.Helper()
	good, needed := e.good[line], e.bare[line] != e.good[line]
	named := strings.Contains(r.stderr+r.stdout, filepath.Join(e.h.dir, filepath.FromSlash(e.spot)))
	switch {
	case kind == "hard link": // cannot be told from a file, and is one
		if _, ok := e.old[e.spot]; ok && r.code != good {
			e.Errorf("%s: %s", what, r)
		}
	case r.code != good && !named:
		e.Errorf("%s: does not say what is in the way: %s", what, r)
	case kind == "file" && strings.HasPrefix(line, "list "): // knows it by its name alone
	case r.code == good && needed:
		e.Errorf("%s: went by it: %s", what, r)
	case seed.MatchString(r.stderr):
		e.Errorf("%s: shows a seed: %s", what, r)
	}
}

// soon runs a command that may not take longer than a patient person waits.
func (h *home) soon(t *testing.T, kind, line string) result {
	t.Helper()
	done := make(chan result, 1)
	go func() { done <- h.run(nil, line) }()
	select {
	case r := <-done:
		return r
	case <-time.After(30 * time.Second):
		t.Fatalf("%s: nkeep %s does not end", kind, line)
	}
	return result{}
}

// without leaves out a file, or a directory and what is in it.
func (d disk) without(name string) disk {
	rest := disk{}
	for n, f := range d {
		if n != name && !strings.HasPrefix(n, name+"/") {
			rest[n] = f
		}
	}
	return rest
}

// below is a file, or a directory and what is in it, by the name of it. What is
// not there becomes a file.
func (d disk) below(name string) disk {
	out := disk{}
	for n, f := range d {
		if n == name || strings.HasPrefix(n, name+"/") {
			out[path.Join("it", strings.TrimPrefix(n, name))] = f
		}
	}
	if len(out) == 0 {
		out["it"] = file{mode: 0o600, data: "nothing"}
	}
	return out
}
