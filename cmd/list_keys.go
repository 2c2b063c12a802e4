package cmd

import (
	"context"
	"encoding/base64"
	"fmt"

	"nkeep/render"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type listKeys struct {
	*app
	which keySelector
	seeds bool
}

func newListKeys(a *app) *cobra.Command {
	o := &listKeys{app: a}
	c := &cobra.Command{
		Use:     "keys",
		Aliases: []string{"key"},
		Short:   "List keys, and whether they are stored",
		Long: `List the keys of the operator and the current account, or of all accounts, and
whether their seeds are in the keystore. --not-referenced lists stored keys that
nothing in any store uses. Flags that name a kind of keys leave out the others.`,
		Example: "  nkeep list keys\n  nkeep list keys -A --json\n  nkeep list keys --not-referenced",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.which.bind(a, c)
	c.Flags().BoolVarP(&o.which.curves, "curve", "x", false, "curve keys, which encrypt what auth callouts say")
	c.Flags().BoolVarP(&o.seeds, "show-seeds", "S", false, "show the seeds")
	exclusive(c, "not-referenced", "show-seeds")
	return c
}

// keyRow is one key. The JSON names are nsc's.
type keyRow struct {
	Name     string `json:"name"`
	Public   string `json:"pub"`
	Parent   string `json:"parent,omitempty"`
	Signing  bool   `json:"signing"`
	Curve    bool   `json:"curve"`
	KeyPath  string `json:"key_path"`
	Invalid  bool   `json:"invalid"`
	JWT      string `json:"jwt,omitempty"` // base64 of the token
	Expected string `json:"expected_kind"`
	Seed     string `json:"seed,omitempty"`
	token    string // of an operator, account or user, and its identity
}

// Row implements [render.Entry].
func (k keyRow) Row() render.Row {
	signing, stored := "", ""
	switch {
	case k.Curve:
		signing = "T"
	case k.Signing:
		signing = "*"
	}
	switch {
	case k.Invalid:
		stored = "BAD"
	case k.KeyPath != "":
		stored = "*"
	}
	shown := k.Public
	if k.Seed != "" {
		shown = k.Seed
	}
	return render.Row{Cells: []string{k.Name, shown, signing, stored}}
}

func (o *listKeys) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	shown, err := o.which.keys(w)
	if err != nil {
		return err
	}
	for i := range shown {
		shown[i].JWT = base64.StdEncoding.EncodeToString([]byte(shown[i].token))
		if err := w.fillStored(&shown[i], o.seeds); err != nil {
			o.out.Warnf("%v", err)
		}
	}
	err = o.out.Show(render.List[keyRow]{
		Title:   "Keys",
		Columns: []render.Column{{Name: "Entity"}, {Name: "Key", ID: true}, {Name: "Signing Key"}, {Name: "Stored"}},
		Entries: func(yield func(keyRow, error) bool) {
			for _, r := range shown {
				if !yield(r, nil) {
					return
				}
			}
		},
	})
	if err == nil && len(shown) == 0 {
		if o.which.notReferenced && o.which.filter == "" {
			o.out.Notef("every key that is stored belongs to something here")
		} else {
			o.out.Notef("no key is selected: list those of all accounts with: nkeep list keys -A")
		}
	}
	if err == nil && o.which.unreadable > 0 {
		return withHint(checksError{fmt.Errorf("keys of %d cannot be told", o.which.unreadable)}, "find out what is wrong with: nkeep validate -A")
	}
	return err
}

// fillStored adds what the keystore knows of a key.
func (w *workspace) fillStored(r *keyRow, seeds bool) error {
	ok, err := w.ring.Has(r.Public)
	if err != nil || !ok {
		return err
	}
	r.KeyPath = w.ring.Path(r.Public)
	kp, err := w.ring.Get(r.Public)
	if err != nil {
		r.Invalid = true
		return err
	}
	defer kp.Wipe()
	if !seeds {
		return nil
	}
	seed, err := kp.Seed()
	if err != nil {
		return fmt.Errorf("key %q: %w", r.Public, err)
	}
	r.Seed = string(seed)
	return nil
}

// kindOf is the kind of entity that a public key can belong to.
func kindOf(public string) string {
	if nkeys.Prefix(public) == nkeys.PrefixByteCurve {
		return kindCurve
	}
	return nkeys.Prefix(public).String()
}
