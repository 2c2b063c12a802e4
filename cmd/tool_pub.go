package cmd

import (
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newToolPub(t *tool) *cobra.Command {
	c := &cobra.Command{
		Use:   "pub SUBJECT [PAYLOAD]",
		Short: "Publish a message",
		Long: `Publish a message as a user whose key is in the keystore, and wait until the server
has taken it. Without a payload it is empty; - reads it from standard input.`,
		Example: `  nkeep tool pub -a ORDERS -u shop orders.new hello
  nkeep tool pub -u shop orders.new - < order.json`,
		Args: subjectArgs(2, true),
		RunE: func(c *cobra.Command, args []string) error {
			payload, err := t.payload(c.Context(), args)
			if err != nil {
				return err
			}
			conn, err := t.dial(c.Context(), "publishing to")
			if err != nil {
				return err
			}
			defer conn.Close()
			if err := conn.Publish(c.Context(), args[0], payload); err != nil {
				return err
			}
			return t.out.Show(published{args[0], len(payload), conn.URL()})
		},
	}
	t.bindUser(c)
	return c
}

// published is a message that a server has taken.
type published struct {
	Subject string `json:"subject"`
	Bytes   int    `json:"bytes"`
	URL     string `json:"url"`
}

// Text implements [render.View].
func (v published) Text(t *render.Text) {
	t.Linef("published %d bytes to %q", v.Bytes, v.Subject)
}
