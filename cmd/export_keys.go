package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type exportKeys struct {
	*app
	which               keySelector
	dir                 string
	force, remove, jwts bool
}

func newExportKeys(a *app) *cobra.Command {
	o := &exportKeys{app: a}
	c := &cobra.Command{
		Use:   "keys",
		Short: "Copy or move seeds from the keystore to a directory",
		Long: `Write the seeds of the operator, the current account and its users to a directory,
each into a file named after its public key: all of them or, when a file is there
already and --force is not given, none. Flags that name a kind of keys leave out
the others. A key that is not stored is warned of.

--remove takes the seeds out of the keystore once all files are on the disk: what
they sign cannot be changed here then, until they are imported again.
--not-referenced means keys that no operator, account or user of any operator
here has. A seed is a secret: whoever has it signs in the name of its owner.`,
		Example: `  nkeep export keys -d backup -A
  nkeep export keys -d offline --operator --remove
  nkeep export keys -d attic --not-referenced --remove`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.dir == "" {
				return withHint(usagef("export keys: needs the directory to write to, --dir"), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	o.which.bind(a, c)
	f := c.Flags()
	f.StringVarP(&o.dir, "dir", "d", "", "directory to write to, which is made")
	f.BoolVar(&o.which.curves, "curves", false, "curve keys, which encrypt what auth callouts say")
	f.StringVar(&o.which.curve, "curve", "", "this curve key")
	f.BoolVar(&o.jwts, "include-jwts", false, "write the tokens of the operator, accounts and users, too")
	f.BoolVarP(&o.force, "force", "F", false, "replace files that are there")
	f.BoolVarP(&o.remove, "remove", "R", false, "remove the seeds from the keystore afterwards")
	return c
}

// exportedKeys is what was written.
type exportedKeys struct {
	Dir  string        `json:"dir"`
	Keys []exportedKey `json:"keys"`
}

type exportedKey struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	PublicKey string `json:"public_key"`
	File      string `json:"file,omitempty"` // of the seed, which is not stored without it
	JWT       string `json:"jwt,omitempty"`  // file of the token
	Removed   bool   `json:"removed"`        // from the keystore
}

// Text implements [render.View].
func (v exportedKeys) Text(t *render.Text) {
	for _, k := range v.Keys {
		for _, file := range []string{k.File, k.JWT} {
			switch {
			case file == "":
			case k.Name == nobody:
				t.Linef("wrote %s", file)
			default:
				t.Linef("wrote %s, of %s %q", file, k.Kind, k.Name)
			}
		}
		if k.Removed {
			t.Linef("removed %s from the keystore", k.PublicKey)
		}
	}
}

func (o *exportKeys) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	rows, err := o.which.keys(w)
	if err != nil {
		return err
	}
	if o.which.unreadable > 0 {
		return withHint(checksError{fmt.Errorf("keys of %d cannot be told, and nothing is exported", o.which.unreadable)}, "find out what is wrong with: nkeep validate -A")
	}
	v := exportedKeys{Dir: o.path(o.dir)}
	files, err := o.collect(w, &v, rows)
	if err != nil {
		return err
	}
	if err := o.write(ctx, w, &v, files); err != nil {
		return hintIf(err, fs.ErrExist, "replace files that are there with --force")
	}
	return o.out.Show(v)
}

// write writes the files, all or none, and only then removes the seeds, likewise.
func (o *exportKeys) write(ctx context.Context, w *workspace, v *exportedKeys, files []render.Output) error {
	defer func() {
		for _, f := range files {
			clear(f.Data)
		}
	}()
	undo, err := render.WriteFiles(v.Dir, files, 0o600, o.force)
	if err != nil || !o.remove {
		return err
	}
	err = w.update(ctx, func(c *change) error {
		for i, k := range v.Keys {
			if k.File == "" {
				continue
			}
			if err := c.keys.Remove(k.PublicKey); err != nil {
				return err
			}
			v.Keys[i].Removed = true
		}
		return nil
	})
	switch {
	case err == nil:
		o.out.Notef("bring the seeds back with: nkeep import keys -d %q", v.Dir)
	case v.allStored(w): // otherwise the files may be all that is left of a seed
		return errors.Join(err, undo())
	}
	return err
}

// allStored reports whether every seed that was written is in the keystore still.
func (v exportedKeys) allStored(w *workspace) bool {
	return !slices.ContainsFunc(v.Keys, func(k exportedKey) bool {
		ok, err := w.ring.Has(k.PublicKey)
		return k.File != "" && (!ok || err != nil)
	})
}

// collect reads the selected keys, and says what is to be written.
func (o *exportKeys) collect(w *workspace, v *exportedKeys, rows []keyRow) (files []render.Output, err error) {
	seen, stored := map[string]bool{}, false
	for _, r := range rows {
		if seen[r.Public] { // nsc lets users share a key
			continue
		}
		seen[r.Public] = true
		k := exportedKey{Name: r.Name, Kind: r.Expected, PublicKey: r.Public}
		if err := w.fillStored(&r, true); err != nil {
			return nil, withHint(err, "see what is wrong with the keystore with: nkeep doctor")
		}
		if r.Seed == "" {
			o.out.Warnf("key %s of %s %q: its seed is not in the keystore", r.Public, r.Expected, r.Name)
		} else {
			stored = true
			k.File = filepath.Join(v.Dir, r.Public+".nk")
			if sameFile(k.File, r.KeyPath) {
				return nil, usagef("--dir: %q is where the keystore itself keeps the key %s", v.Dir, r.Public)
			}
			files = append(files, render.Output{Name: filepath.Base(k.File), Data: []byte(r.Seed)})
		}
		if o.jwts && r.token != "" {
			k.JWT = filepath.Join(v.Dir, r.Public+".jwt")
			files = append(files, render.Output{Name: filepath.Base(k.JWT), Data: []byte(r.token)})
		}
		v.Keys = append(v.Keys, k)
	}
	if !stored {
		return nil, withHint(missingf("export keys: no key that is stored is selected"), "see which keys there are with: nkeep list keys -A")
	}
	if o.which.notReferenced && o.remove {
		o.out.Notef("who else has a key is known of the operators in %q alone", w.places.Stores.Path)
	}
	return files, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
