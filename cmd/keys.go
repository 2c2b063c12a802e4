package cmd

import (
	"context"

	"nkeep/keystore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newKeys(a *app) *cobra.Command {
	return newGroup("keys", "Look after the keystore", "  nkeep keys migrate", newKeysMigrate(a))
}

func newKeysMigrate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Move a keyring of 2019 to the present layout",
		Long: `Move the keys and creds of a keyring in the layout of 2019, a tree per operator,
to the present one. Everything is moved or nothing; keys are filed by what they
hold. A keystore that is up to date is left alone.`,
		Example: "  nkeep keys migrate",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.migrateKeys(c.Context()) },
	}
}

// migrated lists what was moved.
type migrated struct {
	Moved []keystore.Moved `json:"moved"`
}

// Text implements [render.View].
func (v migrated) Text(t *render.Text) {
	for _, m := range v.Moved {
		t.Linef("%s → %s", m.From, m.To)
	}
	if len(v.Moved) == 0 {
		t.Linef("nothing to migrate")
	}
}

func (a *app) migrateKeys(ctx context.Context) error {
	w, err := a.openPlaces()
	if err != nil {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	old, err := w.ring.IsOld()
	if err != nil {
		return err
	}
	v := migrated{}
	if old {
		if v.Moved, err = w.ring.Migrate(ctx); err != nil {
			return err
		}
	}
	return a.out.Show(v)
}
