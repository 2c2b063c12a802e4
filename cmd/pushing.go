package cmd

import (
	"context"
	"slices"

	"nkeep/resolver"

	"github.com/nats-io/nkeys"
)

// verifyBelow is the number of accounts up to which a push asks the servers
// afterwards what is in force.
const verifyBelow = 100

// pushing brings accounts to servers: it is what push does, and --push of other
// commands.
type pushing struct {
	*app
	online  onlineFlags
	force   bool
	changed bool
	verify  *bool

	// told, if set, hears of what becomes of accounts, as it does.
	told func(event string, r pushResult)
}

// push brings accounts to all servers, and finds out what became of them. The error
// is for what stopped the whole; what single servers did is in the view.
func (p *pushing) push(ctx context.Context, w *workspace, op *operator, list []*outgoing) (*pushView, error) {
	target, err := p.online.target(w, op)
	if err != nil {
		return nil, err
	}
	if !p.changed {
		if err := p.judge(ctx, op, list); err != nil {
			return nil, err
		}
	}
	if isHTTP(target) {
		return p.post(ctx, op, target, list)
	}
	pub, sub := resolver.PushPermissions(idsOf(list)...)
	conn, err := p.online.dial(ctx, w, op, errand{client: "nkeep push", doing: "pushing to", pub: pub, sub: sub})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	roll, err := p.callRoll(ctx, conn, op, resolver.SurveyOptions{Account: list[0].head.Subject})
	if err != nil {
		return nil, err
	}
	job := &pushJob{pushing: p, conn: conn, op: op, list: list, view: newPushView(roll, list, p.told)}
	return job.view, job.run(ctx)
}

// pushJob is a push to servers that were found.
type pushJob struct {
	*pushing
	conn *resolver.Conn
	op   *operator
	list []*outgoing
	view *pushView
}

func (j *pushJob) run(ctx context.Context) error {
	begin := j.env.Now()
	left := j.list
	if j.changed {
		var err error
		if left, err = j.different(ctx); err != nil {
			return err
		}
		if err := j.judge(ctx, j.op, left); err != nil {
			return err
		}
	}
	if err := j.send(ctx, left); err != nil {
		return err
	}
	j.view.finish(j.env.Now().Sub(begin))
	if j.verify != nil && *j.verify || j.verify == nil && len(j.list) < verifyBelow {
		return j.verifyAll(ctx)
	}
	return nil
}

// different are the accounts that some server has otherwise. What all have as it
// is here counts as unchanged.
func (j *pushJob) different(ctx context.Context) ([]*outgoing, error) {
	bar := j.out.Progress(len(j.list), "comparing accounts")
	defer bar.Done()
	same := make(map[string]int, len(j.list))
	servers := j.view.Servers
	err := j.conn.Unchanged(ctx, accountsOf(j.list), servers, func(id string, _ resolver.Server) {
		if same[id]++; same[id] == len(servers) {
			bar.Add(1)
		}
	})
	if err != nil {
		return nil, err
	}
	left := []*outgoing{}
	for _, out := range j.list {
		if same[out.head.Subject] < len(servers) {
			left = append(left, out)
			continue
		}
		for _, s := range servers {
			j.view.add(resolver.Result{Account: out.head.Subject, Server: s.Server, Outcome: resolver.Unchanged})
		}
	}
	return left, nil
}

// send pushes what is left, in the way that all servers understand.
func (j *pushJob) send(ctx context.Context, left []*outgoing) error {
	if len(left) == 0 {
		j.view.Meaning = meaningEverywhere
		return nil
	}
	bar := j.out.Progress(len(left)*len(j.view.Servers), "pushing accounts")
	defer bar.Done()
	servers := j.view.plain()
	way := j.conn.Push
	j.view.Meaning = meaningEverywhere
	if j.view.hasKind(resolver.KindOther) {
		way, j.view.Meaning = j.conn.UpdateLoaded, meaningLoaded
	}
	_, err := way(ctx, accountsOf(left), resolver.PushOptions{Expect: servers, OnResult: func(r resolver.Result) {
		bar.Add(1)
		j.view.add(r)
	}})
	return err
}

// callRoll finds the servers that are there, and what they are. It warns of those
// that will refuse what the operator has issued.
func (p *pushing) callRoll(ctx context.Context, conn *resolver.Conn, op *operator, o resolver.SurveyOptions) (*rollView, error) {
	missing, profiles, err := p.online.survey(ctx, conn, o)
	if err != nil {
		return nil, err
	}
	v := &rollView{URL: conn.URL(), Servers: profiles, absence: missing}
	v.judge(op)
	for _, s := range v.Standing {
		if s.Problem != "" {
			p.out.Warnf("server %q %s", s.Server, s.Problem)
		}
	}
	return v, nil
}

// deletionProbe is a request to delete nothing, signed by nobody's key.
func (a *app) deletionProbe() (string, error) {
	k, err := a.newKey(nkeys.PrefixByteOperator)
	if err != nil {
		return "", err
	}
	return signerOf(k.public, k.pair).encode(newDeletionOfNothing(k.public))
}

// plain are the servers without what is known of them.
func (v *pushView) plain() []resolver.Server {
	servers := make([]resolver.Server, len(v.Servers))
	for i, s := range v.Servers {
		servers[i] = s.Server
	}
	return servers
}

func (v *pushView) hasKind(kind resolver.Kind) bool {
	return slices.ContainsFunc(v.Servers, func(p resolver.Profile) bool { return p.Resolver == kind })
}
