package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"nkeep/keystore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

type importKeys struct {
	*app
	dir     string
	recurse bool
}

func newImportKeys(a *app) *cobra.Command {
	o := &importKeys{app: a}
	c := &cobra.Command{
		Use:   "keys",
		Short: "Store the seeds of a directory in the keystore",
		Long: `Store the seed of every .nk file of a directory in the keystore, all in one change,
under the public key that the seed has, whatever the file is called. Files that
hold no seed are named, and make the command fail in the end. Links are not
followed, and nothing in the directory is changed.`,
		Example: "  nkeep import keys -d backup\n  nkeep import keys -d old-laptop --recurse",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.dir == "" {
				return withHint(usagef("import keys: needs the directory to read from, --dir"), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	c.Flags().StringVarP(&o.dir, "dir", "d", "", "directory to read from")
	c.Flags().BoolVarP(&o.recurse, "recurse", "R", false, "read the directories below it, too")
	return c
}

// importedKeys is what became of the files.
type importedKeys struct {
	Keys    []importedKey `json:"keys"`
	Skipped []skipped     `json:"skipped"`
}

type importedKey struct {
	File      string `json:"file"`
	PublicKey string `json:"public_key"`
	Stored    string `json:"stored"` // where
	Known     bool   `json:"known"`  // was stored before
	key       key
}

// Text implements [render.View].
func (v importedKeys) Text(t *render.Text) {
	for _, k := range v.Keys {
		if k.Known {
			t.Linef("%s is stored already: %s", k.PublicKey, k.File)
		} else {
			t.Linef("stored %s from %s", k.PublicKey, k.File)
		}
	}
}

func (o *importKeys) run(ctx context.Context) error {
	v := importedKeys{Keys: []importedKey{}, Skipped: []skipped{}}
	if err := o.collect(ctx, &v); err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	err = w.update(ctx, func(c *change) error {
		for i := range v.Keys {
			k := &v.Keys[i]
			if k.Known, err = w.ring.Has(k.PublicKey); err != nil {
				return err
			}
			if k.Stored, err = c.keys.PutKnown(k.PublicKey, k.key.pair); err != nil {
				return fmt.Errorf("file %q: %w", k.File, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range v.Skipped {
		o.out.Warnf("file %q: %s", s.File, s.Why)
	}
	if err := o.out.Show(v); err != nil || len(v.Skipped) == 0 {
		return err
	}
	return checksError{fmt.Errorf("not imported: %d of %d files", len(v.Skipped), len(v.Skipped)+len(v.Keys))}
}

// collect reads the files. A directory without any seed is an error.
func (o *importKeys) collect(ctx context.Context, v *importedKeys) error {
	dir := o.path(o.dir)
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && file == dir:
			return fmt.Errorf("directory %q: %w", dir, bare(err))
		case err != nil:
			v.Skipped = append(v.Skipped, skipped{file, bare(err).Error()})
		case e.IsDir() && file != dir && !o.recurse:
			return fs.SkipDir
		case !e.IsDir() && filepath.Ext(file) == ".nk":
			o.file(ctx, v, file, e)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(v.Keys) > 0:
	case len(v.Skipped) > 0:
		s := v.Skipped[0]
		return fmt.Errorf("directory %q: no .nk file holds a seed: %q: %s", dir, s.File, s.Why)
	case o.recurse:
		return missingf("directory %q: there is no .nk file in it or below", dir)
	default:
		return withHint(missingf("directory %q: there is no .nk file in it", dir), "look into the directories below it, too, with --recurse")
	}
	slices.SortFunc(v.Keys, func(a, b importedKey) int { return cmp.Compare(a.File, b.File) })
	return nil
}

func (o *importKeys) file(ctx context.Context, v *importedKeys, file string, e fs.DirEntry) {
	k, err := seedIn(ctx, file, e)
	if err != nil {
		v.Skipped = append(v.Skipped, skipped{file, err.Error()})
		return
	}
	v.Keys = append(v.Keys, importedKey{File: file, PublicKey: k.public, key: k})
}

// seedIn is the key whose seed a file holds. Its error does not name the file.
func seedIn(ctx context.Context, file string, e fs.DirEntry) (key, error) {
	if !e.Type().IsRegular() {
		return key{}, errors.New("is not a regular file")
	}
	data, err := readFile(ctx, file, maxKeyInput)
	if err != nil {
		return key{}, errors.New("cannot be read")
	}
	defer clear(data)
	public, pair, err := keystore.Parse(data)
	switch {
	case err != nil:
		return key{}, err
	case pair == nil:
		return key{}, errors.New("holds a public key, and no seed")
	}
	return key{public, pair}, nil
}
