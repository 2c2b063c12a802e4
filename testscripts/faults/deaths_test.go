package faults

import (
	"crypto/sha256"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// moments runs a command and takes down what lies on the disk ahead of each of
// its steps: what there would be if the process were killed there. A step that
// writes dies amid its writing, too. The last moment is the end of the command.
func (h *home) moments(t *testing.T, line string) (all []disk, end result) {
	t.Helper()
	wrote := ""
	before := func(op, file string) error {
		d := h.look(t)
		if wrote != "" {
			all = append(all, d.torn(wrote))
		}
		if wrote = ""; op == "write" {
			wrote = h.relative(t, file)
		}
		all = append(all, d)
		return nil
	}
	end = h.run(before, line)
	return append(all, h.look(t)), end
}

func (h *home) relative(t *testing.T, file string) string {
	t.Helper()
	name, err := filepath.Rel(h.dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(name)
}

// torn is a disk on which only half of a file has arrived.
func (d disk) torn(name string) disk {
	half := disk{}
	for n, f := range d {
		if n == name {
			f.data = f.data[:len(f.data)/2]
		}
		half[n] = f
	}
	return half
}

// content leaves out what a store has beyond its content: locks, and
// directories in which there is nothing but locks.
func (d disk) content() disk {
	c := disk{}
	for name, f := range d {
		if base := path.Base(name); base != ".nkeep" && path.Base(path.Dir(name)) != ".nkeep" {
			c[name] = f
		}
	}
	for _, root := range []string{".nsc/nats", ".nsc", ".nkeys", "stores"} {
		if !c.holds(root) {
			delete(c, root)
		}
	}
	return c
}

// holds reports whether there is anything in a directory.
func (d disk) holds(dir string) bool {
	for name := range d {
		if strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}

// sum tells disks apart.
func (d disk) sum() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range d.names() {
		fmt.Fprintf(h, "%q %v %q\n", name, d[name].mode, d[name].data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// death is a change that is tried at all its moments.
type death struct {
	change
	*testing.T
	h        *home
	old, new disk
	seen     map[[sha256.Size]byte]bool
}

// TestDeathAtEveryStep ends every change ahead of its first, second, third …
// step and amid each write (big ones at every third of these moments). Whoever comes next, to read or to write, finds the
// store as it was or as it should be; so does the one after that, when the
// first dies as well at any step of its recovery, or fails there.
func TestDeathAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, c := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := c.start(t)
			old := h.look(t)
			all, end := h.moments(t, c.line)
			if end.code != 0 || len(all) < 8 {
				t.Fatalf("%d moments: %s", len(all), end)
			}
			d := death{c, t, h, old.content(), all[len(all)-1].content(), map[[sha256.Size]byte]bool{}}
			for i, at := range all {
				if c.big && i%(3*thin) != 0 {
					continue
				}
				d.survive(fmt.Sprintf("died at moment %d of %d", i, len(all)), at)
				if i%thin == 0 {
					d.dieAgain(i, at)
				}
			}
		})
	}
}

// dieAgain dies at each step of the recovery from a death, and fails there. Of
// the changes that are not deep it tries one step for each death, another each time.
func (d death) dieAgain(i int, at disk) {
	d.Helper()
	if !d.deep {
		d.dieAt(i, i%12+1, at)
		return
	}
	step := 1
	for d.dieAt(i, step, at) {
		step++
	}
}

// dieAt tells whether the recovery came to the step at all.
func (d death) dieAt(i, step int, at disk) bool {
	d.Helper()
	d.h.restore(d.T, at)
	var then disk
	n := 0
	d.h.run(func(string, string) error {
		if n++; n == step {
			then = d.h.look(d.T)
		}
		return nil
	}, d.next())
	if then != nil {
		d.survive(fmt.Sprintf("died at moment %d, and ahead of step %d of %d while recovering", i, step, n), then)
		d.failRecovery(fmt.Sprintf("died at moment %d", i), at, step)
	}
	return then != nil
}

// survive looks at a store after a death.
func (d death) survive(when string, at disk) {
	d.Helper()
	if d.seen[at.sum()] {
		return
	}
	d.seen[at.sum()] = true
	d.h.restore(d.T, at)
	if r := d.h.run(nil, d.next()); r.code != 0 {
		d.Fatalf("%s: the next reader: %s", when, r)
	}
	was := d.found(when)
	d.h.restore(d.T, at)
	r := d.h.run(nil, d.line)
	// What is done already cannot be done again: it is there, or gone.
	if done := was == "new" && (r.code == 3 || r.code == 4); r.code != 0 && !done {
		d.Fatalf("%s: repeated: %s", when, r)
	}
	d.h.verify(d.T, d.loose)
	if d.Failed() {
		d.Fatal(when)
	}
}

// found tells which of the two a recovered store is; there is no third.
func (d death) found(when string) string {
	d.Helper()
	got := d.h.look(d.T).content()
	fromOld, fromNew := d.old.diff(got), d.new.diff(got)
	switch {
	case fromOld == "":
		return "old"
	case fromNew == "":
		return "new"
	}
	d.Fatalf("%s: neither old:\n%s\nnor new:\n%s", when, fromOld, fromNew)
	return ""
}

// failRecovery fails a step of a recovery: the command says so, and the next
// one recovers all the same.
func (d death) failRecovery(when string, at disk, step int) {
	d.Helper()
	d.h.restore(d.T, at)
	f := &fault{at: step, errno: syscall.EIO}
	if r := d.h.run(f.before, d.next()); f.happened && r.code != 0 {
		f.check(d.T, r)
	}
	if d.seen[d.h.look(d.T).sum()] {
		return // as if it had died there
	}
	if r := d.h.run(nil, d.next()); r.code != 0 {
		d.Fatalf("%s, recovery failed at %s: %s", when, f, r)
	}
	d.found(fmt.Sprintf("%s, recovery failed at %s", when, f))
}
