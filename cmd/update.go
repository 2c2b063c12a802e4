package cmd

import (
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newUpdate(a *app) *cobra.Command {
	var wanted string
	c := &cobra.Command{
		Use:   "update",
		Short: "Say how to update nkeep",
		Long: `Say how to update nkeep, which does not replace itself: what may write to the
directory of programs is for whoever installed it to decide. Stores need nothing: any
version reads what any other, or nsc, has written.`,
		Example: "  nkeep update",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.out.Show(updateView{Version: version(), Wanted: wanted, How: []render.Advice{
				"installed by a package manager: let that update it",
				"a container image: pull a newer one",
				"built from source: bring the source up to date, run go install . there, and see with nkeep --version",
			}})
		},
	}
	c.Flags().StringVar(&wanted, "version", "", "version that is wanted: it is said along")
	return c
}

// updateView is how to update.
type updateView struct {
	Version string          `json:"version"`
	Wanted  string          `json:"wanted,omitempty"`
	How     []render.Advice `json:"how"`
}

// Text implements [render.View].
func (v updateView) Text(t *render.Text) {
	t.Linef("this is nkeep %s, which does not update itself", v.Version)
	if v.Wanted != "" {
		t.Linef("version %s is wanted", v.Wanted)
	}
	for _, how := range v.How {
		t.Linef("  %s", how)
	}
}
