package cmd

import "github.com/spf13/pflag"

// deletion is what became of the files of something that was deleted.
type deletion struct {
	Removed   []madeFile `json:"removed"`
	Remaining []madeFile `json:"remaining"`
}

func (d *deletion) removed(what, path string) { d.Removed = append(d.Removed, madeFile{what, path}) }

func (d *deletion) remaining(what, path string) {
	d.Remaining = append(d.Remaining, madeFile{what, path})
}

func (d *deletion) text(line func(label, value string)) {
	for _, f := range d.Removed {
		line("removed", f.What+" "+f.Path)
	}
	for _, f := range d.Remaining {
		line("remains", f.What+" "+f.Path)
	}
}

// left are the paths of files of one kind that remain of what was deleted.
func left(done []entity, what string) []string {
	var paths []string
	for _, e := range done {
		if e.Deletion == nil {
			continue
		}
		for _, f := range e.Deletion.Remaining {
			if f.What == what {
				paths = append(paths, f.Path)
			}
		}
	}
	return paths
}

// noteSeeds says how to find seeds that remain of what was deleted.
func (a *app) noteSeeds(done []entity) {
	if len(left(done, "key"))+len(left(done, "signing key")) > 0 {
		a.out.Notef("seeds remain in the keystore; list those that nothing refers to with: nkeep list keys --not-referenced")
	}
}

// disposal says what goes with a token that is deleted, and whose seeds have to stay.
type disposal struct {
	keys, creds bool
	used        map[string]string // by public key: who else has it
}

func (d *disposal) bind(f *pflag.FlagSet, keys, creds string) {
	f.BoolVarP(&d.keys, "rm-nkey", "D", false, keys)
	f.BoolVarP(&d.creds, "rm-creds", "C", false, creds)
}

// removeKey stages the removal of a seed when it is stored, is to go and is
// nobody else's.
func (c *change) removeKey(d disposal, what, public string, to *deletion) error {
	stored, err := c.w.ring.Has(public)
	if err != nil || !stored {
		return err
	}
	path := c.w.ring.Path(public)
	who, shared := d.used[public]
	switch {
	case !d.keys:
		to.remaining(what, path)
		return nil
	case shared:
		c.w.app.out.Warnf("key %q stays: %s has it, too", public, who)
		to.remaining(what, path)
		return nil
	}
	to.removed(what, path)
	return c.keys.Remove(public)
}
