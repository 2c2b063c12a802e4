package cmd

import (
	"context"
	"time"

	"nkeep/resolver"
)

// What a server has in force after a push.
const (
	inForcePushed    = "pushed"
	inForceKept      = "kept"      // stored as pushed, and loaded once somebody comes
	inForceOnDemand  = "on_demand" // not here; fetched from others once somebody comes
	inForceOther     = "other"
	inForceUntrusted = "untrusted" // stored, and never used: its issuer is not trusted
	inForceExpired   = "expired"   // stored, and not used: its time is over, or has not come
)

// verifyAll asks every server what is in force: a server that took a token may
// still refuse to apply it.
func (j *pushJob) verifyAll(ctx context.Context) error {
	bar := j.out.Progress(len(j.list)*len(j.view.Servers), "verifying accounts")
	defer bar.Done()
	tokens, unloaded := map[string]string{}, map[string]bool{}
	for _, out := range j.list {
		tokens[out.head.Subject] = out.token
	}
	err := j.conn.InForceEach(ctx, idsOf(j.list), j.view.plain(), func(id string, f resolver.InForce) {
		bar.Add(1)
		state := string(f.State)
		switch {
		case f.State == resolver.NotLoaded:
			unloaded[id] = true
		case f.State == resolver.Loaded && f.Token == tokens[id]:
			state = inForcePushed
		case f.State == resolver.Loaded:
			state = inForceOther
		}
		j.view.found(id, f.Server, state, f.Message)
	})
	if err != nil {
		return err
	}
	if err := j.verifyKept(ctx, unloaded); err != nil {
		return err
	}
	j.view.verified(j.told)
	return nil
}

// verifyKept looks up the accounts that no client uses yet on some server: it loads
// them when the first one comes, if it trusts who signed them.
func (j *pushJob) verifyKept(ctx context.Context, unloaded map[string]bool) error {
	var list []*outgoing
	for _, out := range j.list {
		if unloaded[out.head.Subject] {
			list = append(list, out)
		}
	}
	if len(list) == 0 || !j.view.hasKind(resolver.KindFull) {
		return nil
	}
	heads := map[string]*outgoing{}
	for _, out := range list {
		heads[out.head.Subject] = out
	}
	var full []resolver.Profile
	byID := map[string]resolver.Profile{}
	for _, s := range j.view.Servers {
		if s.Resolver == resolver.KindFull && !j.view.silentServer(s.ID) {
			full = append(full, s)
			byID[s.ID] = s
		}
	}
	now := j.env.Now()
	return j.conn.Unchanged(ctx, accountsOf(list), full, func(id string, s resolver.Server) {
		if r := j.view.result(id, s); r != nil && r.InForce == string(resolver.NotLoaded) {
			r.InForce = keptState(heads[id], byID[s.ID], now)
		}
	})
}

// keptState is what becomes of a stored account that somebody comes to use.
func keptState(out *outgoing, s resolver.Profile, now time.Time) string {
	h := out.head
	switch {
	case !s.Trusts(h.Issuer):
		return inForceUntrusted
	case h.Expires > 0 && h.Expires <= now.Unix(), h.NotBefore > now.Unix():
		return inForceExpired
	}
	return inForceKept
}
