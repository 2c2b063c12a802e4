package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

type doctor struct {
	*app
	operator     string
	fix, orphans bool
}

func newDoctor(a *app) *cobra.Command {
	o := &doctor{app: a}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with the files here, and mend it",
		Long: `Look through everything there is (the configuration, the tokens of all operators,
the seeds and the creds) for what does not fit together: interrupted changes,
damaged or misplaced files, permissions, creds that are out of date, imports of
nothing. Each finding is an error, a warning or a note, and says what --fix does
about it or what you can do. Without --fix nothing is changed.

With --fix whatever can be mended without a decision of yours is. Nothing is
deleted: what does not belong is moved to .nkeep/quarantine in the directory
where it was found, with a manifest.json that says where it came from and why.

Seeds that nothing here uses may belong to stores elsewhere, and so may creds of
unknown accounts: they are only put into quarantine with --fix --orphans.

The exit code is 5 when errors or warnings are left, and 0 when notes are.`,
		Example: "  nkeep doctor\n  nkeep doctor --fix\n  nkeep doctor --json | jq -r '.findings[] | .what + \" \" + .file'",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.orphans && !o.fix {
				return usagef("--orphans: says what --fix may do, give both")
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.operator, "operator", "o", "", "look at this operator alone")
	f.BoolVar(&o.fix, "fix", false, "mend what can be mended")
	f.BoolVar(&o.orphans, "orphans", false, "with --fix, put seeds and creds that nothing here uses into quarantine")
	a.completeFlag(c, "operator", operatorNames)
	return c
}

func (o *doctor) run(ctx context.Context) error {
	w, err := o.openDamaged()
	if err != nil {
		return err
	}
	if o.operator != "" && !isDir(filepath.Join(w.places.Stores.Path, o.operator)) {
		return notFound(jwtstore.KindOperator, o.operator)
	}
	var v diagnosis
	if o.fix {
		v, err = o.mend(ctx, w)
	} else {
		v, err = o.look(ctx, w)
	}
	if err != nil {
		return err
	}
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.verdict()
}

// look examines everything and changes nothing, not even a lock: what somebody
// changes meanwhile may show up half done.
func (o *doctor) look(ctx context.Context, w *workspace) (diagnosis, error) {
	x, err := o.examine(ctx, w)
	if err != nil {
		return diagnosis{}, err
	}
	return diagnosis{Checked: x.checked, Findings: x.findings}, nil
}

// openDamaged opens what can be opened: a selection that is broken, or leads
// nowhere, counts as none.
func (a *app) openDamaged() (*workspace, error) {
	w := &workspace{app: a, places: a.places()}
	var err error
	if w.settings, err = jwtstore.OpenSettings(w.places.Config.Path, a.env.Files); err != nil {
		return nil, err
	}
	a.keep(w.settings)
	if w.choose() != nil || !isDir(w.places.Stores.Path) {
		w.places.Stores, w.selected = a.places().Stores, jwtstore.Selection{}
	}
	if err := w.openStores(); err != nil {
		return nil, err
	}
	return w, w.openRing()
}

// verdict is the error that a diagnosis ends with.
func (v diagnosis) verdict() error {
	errs, warnings, _ := v.count()
	if errs+warnings == 0 {
		return nil
	}
	err := checksError{fmt.Errorf("found %s", tally(errs, warnings, 0))}
	if slices.ContainsFunc(v.Findings, func(f finding) bool { return f.Fix != "" && f.Severity != severityNote }) {
		return withHint(err, "mend what can be mended with: nkeep doctor --fix")
	}
	return err
}
