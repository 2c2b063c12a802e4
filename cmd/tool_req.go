package cmd

import (
	"errors"

	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newToolReq(t *tool) *cobra.Command {
	c := &cobra.Command{
		Use:   "req SUBJECT [PAYLOAD]",
		Short: "Send a request, and show the answer",
		Long: `Send a request and show the first answer. Without a payload it is empty; - reads it
from standard input. When nobody answers within --timeout, or nobody listens, the
command fails with exit code 1.`,
		Example: `  nkeep tool req -a ORDERS -u shop prices.get bread
  nkeep tool req -u shop prices.get bread --timeout 2 --json`,
		Args: subjectArgs(2, true),
		RunE: func(c *cobra.Command, args []string) error {
			payload, err := t.payload(c.Context(), args)
			if err != nil {
				return err
			}
			conn, err := t.dial(c.Context(), "asking")
			if err != nil {
				return err
			}
			defer conn.Close()
			answer, err := conn.Ask(c.Context(), args[0], payload)
			if errors.Is(err, resolver.ErrNoAnswer) {
				return withHint(err, "whoever listens did not answer within %d seconds; wait longer with --timeout", t.online.seconds())
			}
			if err != nil {
				return err
			}
			v := newMessageView(answer)
			v.one = true
			return t.out.ShowLine(v)
		},
	}
	t.bindUser(c)
	refuseEncrypt(c)
	return c
}
