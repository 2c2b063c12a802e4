package cmd

import (
	"context"
	"fmt"

	"nkeep/resolver"
)

// post pushes accounts to an account server. Whether servers use them is for those
// who fetch them; with --verify what is served is compared with what was posted.
func (p *pushing) post(ctx context.Context, op *operator, target string, list []*outgoing) (*pushView, error) {
	if p.changed {
		return nil, withHint(usagef("--changed: an account server does not tell what it has"), "push to NATS servers, or without --changed")
	}
	options := resolver.HTTPOptions{TLS: p.online.security(p.app), Timeout: p.online.httpTimeout()}
	h, err := resolver.NewHTTP(options)
	if err != nil {
		return nil, hintPair(err)
	}
	defer h.Close()
	p.out.Notef("pushing to %s", redactURLs(target))
	server := resolver.ServerAt(target)
	roll := &rollView{URL: redactURLs(target), Servers: []resolver.Profile{{Server: server, Resolver: resolver.KindHTTP, Operators: []resolver.Operator{}}}}
	roll.judge(op)
	v := newPushView(roll, list, p.told)
	bar := p.out.Progress(len(list), "pushing accounts")
	defer bar.Done()
	begin := p.env.Now()
	v.Meaning = meaningPosted
	_, err = h.Push(ctx, target, accountsOf(list), resolver.HTTPPushOptions{OnResult: func(r resolver.Result) {
		bar.Add(1)
		v.add(r)
	}})
	if err != nil {
		return nil, err
	}
	v.finish(p.env.Now().Sub(begin))
	if n := v.Summary.Results.Deferred; n > 0 {
		p.out.Warnf("accounts that wait for somebody to sign them there: %d", n)
	}
	if p.verify != nil && *p.verify {
		return v, p.verifyServed(ctx, h, target, v, list)
	}
	return v, nil
}

// verifyServed compares what an account server serves with what was posted.
func (p *pushing) verifyServed(ctx context.Context, h *resolver.HTTP, target string, v *pushView, list []*outgoing) error {
	server := v.Servers[0].Server
	states, messages := make([]string, len(list)), make([]string, len(list))
	err := crewOf(resolver.DefaultPosts).each(ctx, len(list), func(i int) {
		token, err := h.FetchAccount(ctx, target, list[i].head.Subject)
		switch {
		case err != nil:
			states[i], messages[i] = string(resolver.Failed), fmt.Sprintf("fetch: %v", err)
		case token == list[i].token:
			states[i] = inForceKept
		default:
			states[i] = inForceOther
		}
	})
	if err != nil {
		return err
	}
	for i, out := range list {
		v.found(out.head.Subject, server, states[i], messages[i])
	}
	v.verified(p.told)
	return nil
}
