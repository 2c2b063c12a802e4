package cmd

import (
	"context"
	"fmt"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// toolSub listens to a subject.
type toolSub struct {
	*tool
	options resolver.SubscribeOptions
}

func newToolSub(t *tool) *cobra.Command {
	o := &toolSub{tool: t}
	c := &cobra.Command{
		Use:   "sub SUBJECT",
		Short: "Show the messages of a subject, until Ctrl-C",
		Long: `Show the messages of a subject, which may have wildcards, as they come. On a terminal
they come with subject and headers, and escaped; a pipe gets payloads as they are,
one to a line; with --json each is an object on a line, its payload as text, or in
base64 when it is not UTF-8.`,
		Example: `  nkeep tool sub -a ORDERS -u shop 'orders.>'
  nkeep tool sub -u shop 'orders.>' --max-messages 1 --json`,
		Args: subjectArgs(1, false),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	o.bindSubscription(c.Flags())
	t.bindUser(c)
	refuseEncrypt(c)
	return c
}

func (o *toolSub) bindSubscription(f *pflag.FlagSet) {
	f.StringVarP(&o.options.Queue, "queue", "q", "", "share the messages with the other members of this queue group")
	f.IntVar(&o.options.Max, "max-messages", -1, "end after so many messages")
}

func (o *toolSub) run(ctx context.Context, subject string) error {
	return o.listen(ctx, "listening on", subject, func(m resolver.Message) error {
		return o.out.ShowLine(newMessageView(m))
	})
}

// listen runs each for every message of a subject.
func (o *toolSub) listen(ctx context.Context, doing, subject string, each func(resolver.Message) error) error {
	if o.options.Max == 0 {
		return usagef("--max-messages: is 0: to listen to no message does nothing")
	}
	if o.options.Queue != "" {
		if _, err := claims.ParseSubject(o.options.Queue); err != nil {
			return usageError{fmt.Errorf("--queue: %w", err)}
		}
	}
	conn, err := o.dial(ctx, doing)
	if err != nil {
		return err
	}
	defer conn.Close()
	o.options.Subject = subject
	o.options.Ready = func() { o.out.Notef("subscribed to %q; Ctrl-C ends", subject) }
	o.options.Lost = func(total int) {
		o.out.Warnf("%d messages were dropped: they came faster than they were taken", total)
	}
	return conn.Subscribe(ctx, o.options, each)
}
