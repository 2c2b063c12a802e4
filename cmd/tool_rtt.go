package cmd

import (
	"time"

	"nkeep/render"

	"github.com/spf13/cobra"
)

func newToolRTT(t *tool) *cobra.Command {
	c := &cobra.Command{
		Use:     "rtt",
		Short:   "Measure how long a server takes to answer",
		Long:    "Measure how long it takes until a server answers a ping, over the connection of\na user: whether it can log in is found out on the way.",
		Example: "  nkeep tool rtt -a ORDERS -u shop",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			conn, err := t.dial(c.Context(), "measuring")
			if err != nil {
				return err
			}
			defer conn.Close()
			took, err := conn.Measure(c.Context())
			if err != nil {
				return err
			}
			return t.out.Show(roundTrip{conn.URL(), took})
		},
	}
	t.bindUser(c)
	return c
}

// roundTrip is how long a server took to answer.
type roundTrip struct {
	URL  string        `json:"url"`
	Took time.Duration `json:"rtt_ns"` // nanoseconds
}

// Text implements [render.View].
func (v roundTrip) Text(t *render.Text) {
	t.Linef("%s answered in %s", v.URL, v.Took.Round(time.Microsecond))
}
