package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

type diff struct {
	gathering
	after bool // a push, whose JSON Lines go on
}

func newDiff(a *app) *cobra.Command {
	o := &diff{gathering: gathering{app: a}}
	c := &cobra.Command{
		Use:   "diff",
		Short: "Compare the store with what running servers have",
		Long: `Compare all accounts, or a named one, with what every server applies and stores,
claim by claim, and the operator with the one that servers trust. Nothing is changed,
neither here nor there.

An account that nobody uses on a server is not loaded there; then its stored copies
are compared. They bear no server's name, and are counted. Servers with a cache, or
with a memory or a URL resolver, keep no store: an account that is not loaded there is
no difference. An HTTP account server cannot tell which accounts it has: those that
are known here are compared.

Exit code 5 means that something is different, or that a server did not answer.`,
		Example: `  nkeep diff
  nkeep diff -a ORDERS -u nats://localhost:4222
  nkeep diff --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.all = o.account == ""
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "the only account to compare")
	o.online.bindExpect(f)
	o.online.bindURL(f, "url", "u")
	o.online.bind(a, c)
	return c
}

func (o *diff) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	v, err := o.compare(ctx, w, op)
	if err != nil {
		return err
	}
	if o.after {
		err = o.out.ShowLine(diffLine{eventDiff, *v})
	} else {
		err = o.out.Show(v)
	}
	if err != nil {
		return err
	}
	return v.err()
}

// compare compares over whatever way the target is reached.
func (o *diff) compare(ctx context.Context, w *workspace, op *operator) (*diffView, error) {
	target, err := o.online.target(w, op)
	if err != nil {
		return nil, err
	}
	h, err := o.begin(ctx, w, op)
	if err != nil {
		return nil, err
	}
	c := newComparison(h)
	if isHTTP(target) {
		err = o.fetch(ctx, h, "comparing with", target)
		c.takeFound()
	} else {
		err = o.askServers(ctx, w, c)
	}
	if err != nil {
		return nil, err
	}
	return c.view(redactURLs(target)), nil
}
