package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// lockOut gives servers the account locked out, while the store can still sign it,
// and asks them to delete it. The locked token is never stored. When no server takes
// it, the error leaves everything as it was.
func (o *deleteAccount) lockOut(ctx context.Context, w *workspace, r *report) error {
	op, err := w.operator("")
	if err != nil {
		return err
	}
	name, err := findAccount(op.store, o.name)
	if err != nil {
		return err
	}
	if _, err := o.leaving(w, op, name); err != nil {
		return err
	}
	ac, err := op.readAccount(name)
	if err != nil {
		return withHint(err, "without --push it can be deleted here, with --force")
	}
	if ac.claims.Subject == op.claims.SystemAccount {
		return withHint(usagef("account %q: is the system account, which servers cannot do without", name), "name another first with: nkeep edit operator --system-account NAME")
	}
	locked, err := o.locked(w, op, ac)
	if err != nil {
		return err
	}
	v, err := o.pushes.pushing(o.app).push(ctx, w, op, []*outgoing{locked})
	if err == nil && v.Summary.None() && v.Summary.Results.Skipped == 0 {
		err = v.err()
	}
	if err != nil {
		return withHint(err, "nothing was deleted; without --push it is deleted here alone")
	}
	r.Push = v
	return o.removeThere(ctx, w, op, ac, r)
}

// locked is the account with all of its users revoked, and no connection allowed.
func (o *deleteAccount) locked(w *workspace, op *operator, ac *account) (*outgoing, error) {
	none := int64(0)
	edit := claims.AccountEdit{Revocations: claims.RevocationsEdit{Add: map[string]int64{jwt.All: max(o.env.Now().Unix(), ac.claims.Revocations[jwt.All])}}}
	edit.Limits.Conns, edit.Limits.LeafConns = &none, &none
	if _, err := edit.Apply(ac.claims, o.env.Now()); err != nil {
		return nil, err
	}
	by, err := w.accountSigner(op, ac.claims)
	if err != nil {
		return nil, err
	}
	token, err := by.renew(ac.claims, ac.token)
	if err != nil {
		return nil, err
	}
	head, err := jwtstore.ReadHead(token)
	return &outgoing{name: ac.name, head: head, token: token}, err
}

// removeThere asks servers to delete what is locked out. That they do not is no
// failure: nobody gets in any more.
func (o *deleteAccount) removeThere(ctx context.Context, w *workspace, op *operator, ac *account, r *report) error {
	online := o.pushes.pushing(o.app).online
	target, err := online.target(w, op)
	if err != nil {
		return err
	}
	if isHTTP(target) {
		o.out.Warnf("account %q stays locked out on the account server, which cannot be told to delete it", ac.name)
		return nil
	}
	servers := removal{app: o.app, online: &online, force: true}
	r.Removal, err = servers.onServers(ctx, w, op, map[string]string{ac.claims.Subject: ac.name})
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		o.out.Warnf("account %q stays locked out on servers: %v", ac.name, err)
	}
	return nil
}

// elsewhere names the servers that have their accounts from their configuration or a
// URL, and tells whether one of them skipped an account: it may have it all the same.
func (v *pushView) elsewhere() (names []string, skipped bool) {
	for _, s := range serversOf(v.Servers, resolver.KindOther) {
		names = append(names, s.Name)
		r := v.result(v.Results[0].Account, s)
		skipped = skipped || r != nil && r.Outcome == string(resolver.Skipped)
	}
	return names, skipped
}

// removed is the error of what servers should have done and did not.
func (o *deleteAccount) removed(r *report) error {
	if r.Push == nil {
		return nil
	}
	if r.Removal != nil && r.Removal.count(removalKept) > 0 {
		o.out.Warnf("account %q stays locked out where it is kept; allow_delete in the configuration of servers lets them delete it: nkeep push -R %s", r.Push.Results[0].Name, r.Push.Results[0].Account)
	}
	v, gone := r.Push, "its tokens are gone here; delete it on servers that missed it with: nkeep push -R "+r.Push.Results[0].Account
	elsewhere, unsure := v.elsewhere()
	if len(elsewhere) > 0 {
		o.out.Warnf("account %q comes back on servers that have it in their configuration, or find it at a URL: take it out there, and restart them: %s", v.Results[0].Name, firstOf(elsewhere, 20))
	}
	switch {
	case v.Summary.Results.Silent+v.Summary.Results.Rejected > 0: // a cache that skipped it fetches it locked
		return withHint(checksError{fmt.Errorf("account %q: is not locked out everywhere", v.Results[0].Name)}, "%s", gone)
	case unsure:
		return withHint(checksError{fmt.Errorf("account %q: nobody uses it on servers that may have it from elsewhere: it is not locked out there", v.Results[0].Name)}, "%s", "its tokens are gone here; take it out of their configuration, or of what the URL serves")
	case v.Missing > 0:
		return v.failure(checksError{fmt.Errorf("account %q: %s did not answer, and may still serve it", v.Results[0].Name, v.who())}, gone)
	}
	return nil
}
