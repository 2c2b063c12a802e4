package cmd

import (
	"context"

	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newToolReply(t *tool) *cobra.Command {
	o := &toolSub{tool: t}
	c := &cobra.Command{
		Use:   "reply SUBJECT [PAYLOAD]",
		Short: "Answer the requests on a subject, until Ctrl-C",
		Long: `Answer each request on a subject with the payload, or without one with what the
request says; - reads the payload from standard input. Requests are shown as
messages are by tool sub.`,
		Example: `  nkeep tool reply -a ORDERS -u desk prices.get 1.20
  nkeep tool reply -u desk echo --queue workers --max-messages 1`,
		Args: subjectArgs(2, false),
		RunE: func(c *cobra.Command, args []string) error { return o.reply(c.Context(), args) },
	}
	o.bindSubscription(c.Flags())
	t.bindUser(c)
	return c
}

func (o *toolSub) reply(ctx context.Context, args []string) error {
	payload, err := o.payload(ctx, args)
	if err != nil {
		return err
	}
	o.options.Answer = func(m resolver.Message) []byte {
		if len(args) < 2 {
			return m.Data
		}
		return payload
	}
	return o.listen(ctx, "answering on", args[0], func(m resolver.Message) error {
		return o.out.ShowLine(newMessageView(m))
	})
}
