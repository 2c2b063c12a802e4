package cmd

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

type fix struct {
	*app
	in    []string
	dir   string
	creds bool
}

func newFix(a *app) *cobra.Command {
	o := &fix{app: a}
	c := &cobra.Command{
		Use:   "fix",
		Short: "Rebuild stores and keystore from loose files",
		Long: `Build new stores and a new keystore, in the directories operators and keys below
--out, from whatever .jwt, .nk and .creds files lie in the given directories and
those below them. Links are not followed, and nothing is changed there.

Of several tokens of one operator, account or user the newest is taken. Accounts
go to the operator that issued them, users to their account; keys that an
operator or account had once count, too. What nobody here has issued is left
out. To mend stores that are where they belong, see: nkeep doctor.`,
		Example: "  nkeep fix --in backup,old-laptop --out rebuilt --creds",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(o.in) == 0 {
				return withHint(usagef("fix: needs a directory to look into, --in"), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	bindStrings(f, &o.in, "in", "", "look for files in these directories")
	f.StringVar(&o.dir, "out", "", "build in this directory, which must be empty or not exist (default fix_ and the time)")
	f.BoolVar(&o.creds, "creds", false, "write creds files, too")
	return c
}

// rebuilt is what was built.
type rebuilt struct {
	Stores    string    `json:"stores"`
	Keystore  string    `json:"keystore"`
	Operators int       `json:"operators"`
	Accounts  int       `json:"accounts"`
	Users     int       `json:"users"`
	Seeds     int       `json:"seeds"`
	Creds     int       `json:"creds"`
	Skipped   []skipped `json:"skipped"`
}

// skipped is something that was left out.
type skipped struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// Text implements [render.View].
func (v rebuilt) Text(t *render.Text) {
	t.Linef("rebuilt %s, %s, %s, %s, %s; left out %s", plural(v.Operators, "operator"), plural(v.Accounts, "account"), plural(v.Users, "user"),
		plural(v.Seeds, "seed"), plural(v.Creds, "creds file"), plural(len(v.Skipped), "file"))
	t.Linef("  stores    %s", v.Stores)
	t.Linef("  keystore  %s", v.Keystore)
}

func (o *fix) run(ctx context.Context) error {
	out, err := o.empty()
	if err != nil {
		return err
	}
	s := newSalvage()
	for _, dir := range o.in {
		if err := s.collect(ctx, o.path(dir)); err != nil {
			return err
		}
	}
	s.attach()
	if len(s.operators) == 0 {
		return withHint(missingf("operator: there is no token of one in %v", o.in), "an operator's token is needed to tell which accounts are its own")
	}
	v, err := o.build(ctx, s, out)
	if err != nil {
		return err
	}
	for _, skip := range v.Skipped {
		o.out.Warnf("%s: is left out: %s", skip.File, skip.Why)
	}
	for _, text := range s.doubts {
		o.out.Warnf("%s", text)
	}
	o.out.Notef("look at it with: nkeep doctor --data-dir %q --keystore-dir %q", v.Stores, v.Keystore)
	o.out.Notef("use it with: export NKEYS_PATH=%q; nkeep env -s %q", v.Keystore, v.Stores)
	return o.out.Show(v)
}

// empty is the directory to build in, which holds nothing.
func (o *fix) empty() (string, error) {
	out := o.path(o.dir)
	if o.dir == "" {
		out = o.path("fix_" + o.env.Now().UTC().Format("20060102T150405Z"))
	}
	entries, err := os.ReadDir(out)
	switch {
	case os.IsNotExist(err):
		return out, nil
	case err != nil:
		return "", fmt.Errorf("directory %q: %w", out, bare(err))
	case len(entries) > 0:
		return "", withHint(fmt.Errorf("directory %q: is not empty: %w", out, fs.ErrExist), "name another with --out")
	}
	return out, nil
}

// build writes everything as one change.
func (o *fix) build(ctx context.Context, s *salvage, out string) (v rebuilt, err error) {
	v = rebuilt{Stores: filepath.Join(out, "operators"), Keystore: filepath.Join(out, "keys"), Skipped: s.skipped}
	root, err := jwtstore.Open(v.Stores, o.env.Files)
	if err != nil {
		return v, err
	}
	ring, err := keystore.Open(v.Keystore, keystore.Options{NoGitIgnore: o.isSet("NSC_NO_GIT_IGNORE"), Files: o.env.Files})
	if err != nil {
		return v, err
	}
	o.keep(root)
	o.keep(ring)
	err = root.Update(ctx, func(tx *jwtstore.Tx) error {
		b := &builder{salvage: s, tokens: tx, keys: ring.In(tx.Shared()), creds: o.creds, built: &v}
		return b.run()
	}, ring)
	return v, err
}
