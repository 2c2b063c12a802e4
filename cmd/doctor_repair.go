package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"nkeep/jwtstore"
)

// repair is one run of --fix.
type repair struct {
	*doctor
	w      *workspace
	now    []finding // that this pass is about
	tried  []finding // of all passes
	failed []string  // what the last pass could not mend, and why
	moved  []string  // quarantines
}

func (r *repair) run(ctx context.Context) error {
	r.failed = nil
	if err := r.journals(ctx); err != nil {
		return err
	}
	return r.w.update(ctx, func(c *change) error {
		x, err := r.examine(ctx, r.w)
		if err != nil {
			return err
		}
		r.now = slices.DeleteFunc(x.findings, func(f finding) bool { return f.Fix == "" })
		r.tried = append(r.tried, r.now...)
		if err := r.tighten(); err != nil {
			return err
		}
		if err := r.setAside(); err != nil {
			return err
		}
		// What the keystore has refused because of permissions it remembers.
		if err := r.w.openRing(); err != nil {
			return err
		}
		c.keys = r.w.ring.In(c.tokens.Shared())
		r.stage(c)
		return nil
	})
}

// journals puts those away that keep every change from being made.
func (r *repair) journals(ctx context.Context) error {
	for _, root := range r.w.roots() {
		path, err := root.Dir().SetAside(ctx, r.env.Now())
		if err != nil {
			return err
		}
		if path != "" {
			r.moved = append(r.moved, path)
		}
	}
	return nil
}

// tighten narrows permissions, which secrets need to be read at all. Directories
// that are empty go as well.
func (r *repair) tighten() error {
	for _, f := range r.now {
		var err error
		switch f.mend.how {
		case tighten:
			err = f.mend.root.Dir().Tighten(f.mend.name)
		case removeEmpty:
			err = f.mend.root.Dir().RemoveEmpty(f.mend.name)
		default:
		}
		switch {
		case errors.Is(err, fs.ErrPermission):
			r.fail(f, err)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

func (r *repair) fail(f finding, err error) {
	r.failed = append(r.failed, fmt.Sprintf("%s: cannot be mended: %v", f.File, err))
}

func (r *repair) setAside() error {
	asides := map[string]*jwtstore.Quarantine{} // by directory
	for _, f := range r.now {
		if f.mend.how != quarantine {
			continue
		}
		dir := f.mend.root.Dir()
		if asides[dir.Path()] == nil {
			asides[dir.Path()] = dir.Quarantine(r.env.Now())
		}
		asides[dir.Path()].Add(f.mend.name, f.What+": "+f.Problem)
	}
	for _, q := range asides {
		err := q.Commit()
		if q.Path() != "" {
			r.moved = append(r.moved, q.Path())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stage stages what is written. One thing that cannot be mended does not keep
// the others from it.
func (r *repair) stage(c *change) {
	for _, f := range r.now {
		if f.mend.stage == nil {
			continue
		}
		if err := f.mend.stage(c); err != nil {
			r.fail(f, err)
		}
	}
}
