package cmd

import (
	"context"
	"slices"

	"nkeep/jwtstore"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
)

// pushAfter lets a command that changes accounts push them at once. Naming where to,
// as whom, or who has to answer asks for it, too.
type pushAfter struct {
	now                 bool
	url, creds, context string
	expect              []string
}

func (p *pushAfter) wanted() bool {
	return p.now || p.url != "" || p.creds != "" || p.context != "" || len(p.expect) > 0
}

func (p *pushAfter) pushing(a *app) *pushing {
	return &pushing{app: a, online: onlineFlags{urlFlag: "--push-url", url: p.url, creds: p.creds, context: p.context, expect: p.expect, tls: a.certificates}}
}

// bindPush binds the flags. What cannot be pushed is found out before anything changes.
func (a *app) bindPush(c *cobra.Command) {
	p := &a.pushes
	f := c.Flags()
	f.BoolVar(&p.now, "push", false, "push the account to servers then, and ask them what is in force")
	f.StringVar(&p.url, "push-url", "", "push to these servers, instead of the operator's")
	f.StringVar(&p.creds, "push-creds", "", "push, logged in with this creds file")
	f.StringVar(&p.context, "push-context", "", "push, with URL, login and TLS of this context of the nats command")
	bindStrings(f, &p.expect, "expect", "", "push, and expect these servers to answer: names, or their number")
	a.bindCertificates(c)
	a.completeFlag(c, "push-context", contextNames)
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if p.wanted() {
			if err := a.pushable(c.Context()); err != nil {
				return err
			}
		}
		return run(c, args)
	}
}

// pushable is nil when it is known where to push to, and as whom.
func (a *app) pushable(ctx context.Context) error {
	if err := a.checkCertificates(); err != nil {
		return err
	}
	w, op, err := a.openOperator(ctx)
	if err != nil {
		return err
	}
	o := a.pushes.pushing(a).online
	target, err := o.target(w, op)
	if err != nil || isHTTP(target) {
		return err
	}
	pub, sub := resolver.PushPermissions()
	_, err = o.login(ctx, w, op, pub, sub)
	return err
}

// finish shows what a command changed, and pushes it if it is told to. A push that
// fails leaves the change as it is.
func (a *app) finish(ctx context.Context, r report) error {
	failed := a.pushChanged(ctx, &r)
	if err := a.out.Show(r); err != nil {
		return err
	}
	return failed
}

// finishChanged is finish for many, which are shown in a line each.
func (a *app) finishChanged(ctx context.Context, entities []entity, many bool) error {
	if !many {
		return a.finish(ctx, report{Entities: entities})
	}
	if err := a.showChanged(entities, true); err != nil {
		return err
	}
	r := report{Entities: entities}
	failed := a.pushChanged(ctx, &r)
	if r.Push != nil {
		if err := a.out.ShowLine(pushEnd{eventSummary, r.Push.pushTotals}); err != nil {
			return err
		}
	}
	return failed
}

func (a *app) pushChanged(ctx context.Context, r *report) error {
	if !a.pushes.wanted() {
		return nil
	}
	err := a.pushEntities(ctx, r)
	return withHint(err, "the change is stored here; push it with: nkeep push")
}

func (a *app) pushEntities(ctx context.Context, r *report) error {
	w, op, err := a.openOperator(ctx)
	if err != nil {
		return err
	}
	list, err := op.outgoingOf(r.Entities)
	if err != nil || len(list) == 0 {
		return err
	}
	v, err := a.pushes.pushing(a).push(ctx, w, op, list)
	if err != nil {
		return err
	}
	r.Push = v
	return v.err()
}

// outgoingOf are the accounts that entities are, or belong to, each once.
func (o *operator) outgoingOf(entities []entity) ([]*outgoing, error) {
	var names []string
	for _, e := range entities {
		name := e.Account
		if e.Kind == jwtstore.KindAccount {
			var err error
			if name, err = findAccount(o.store, e.PublicKey); err != nil {
				return nil, err
			}
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	list := make([]*outgoing, len(names))
	for i, name := range names {
		var err error
		if list[i], err = o.outgoing(name); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// text shows a push that followed a change.
func (v *pushView) text(t *render.Text) {
	if v != nil {
		v.Text(t)
	}
}
