package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
)

// removal deletes accounts on servers; the store stays as it is.
type removal struct {
	*app
	online *onlineFlags
	prune  bool     // what is not here
	named  []string // accounts, by name or public key
	after  bool     // a push, whose JSON Lines go on
	force  bool
	purge  bool // their streams, too
}

// removalBatch is how many accounts go into one request: it has to fit into a message.
const removalBatch = 2000

func (o *removal) wanted() bool { return o.prune || len(o.named) > 0 }

func (o *removal) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	if err := o.refuseHTTP(w, op); err != nil {
		return err
	}
	named, err := o.keys(op)
	if err != nil {
		return err
	}
	v, err := o.onServers(ctx, w, op, named)
	if err != nil {
		return err
	}
	o.advise(v)
	if o.after {
		err = o.out.ShowLine(removalLine{eventRemoval, *v})
	} else {
		err = o.out.Show(v)
	}
	if err != nil {
		return err
	}
	return v.err()
}

// onServers deletes accounts, or with --prune those that are not here, on every
// server, and asks what is left.
func (o *removal) onServers(ctx context.Context, w *workspace, op *operator, named map[string]string) (*removalView, error) {
	pub, sub := resolver.DeletePermissions()
	if o.purge {
		pub = append(pub, resolver.PurgePermissions()...)
	}
	conn, err := o.online.dial(ctx, w, op, errand{client: "nkeep push", doing: "deleting on", pub: pub, sub: sub})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	v, keepers, err := o.keepers(ctx, conn, op)
	if err != nil {
		return nil, err
	}
	before, err := conn.List(ctx, keepers)
	if err != nil {
		return nil, err
	}
	if o.prune {
		if named, err = o.strangers(ctx, op, before); err != nil {
			return nil, err
		}
	}
	if err := o.agree(ctx, named); err != nil {
		return nil, err
	}
	if err := o.remove(ctx, w, op, conn, keepers, named, v); err != nil {
		return nil, err
	}
	after, err := conn.List(ctx, keepers)
	if err != nil {
		return nil, err
	}
	v.verify(named, before, after)
	return v, nil
}

// keepers calls the roll, and finds the servers that can be told to delete accounts.
func (o *removal) keepers(ctx context.Context, conn *resolver.Conn, op *operator) (*removalView, []resolver.Server, error) {
	probe, err := op.anyAccount()
	if err != nil {
		return nil, nil, err
	}
	missing, servers, err := o.online.survey(ctx, conn, resolver.SurveyOptions{Account: probe})
	if err != nil {
		return nil, nil, err
	}
	v := &removalView{URL: conn.URL(), absence: missing}
	for _, s := range serversOf(servers, resolver.KindOther) {
		v.Servers = append(v.Servers, removalServer{Name: s.Name, ID: s.ID, Outcome: removalElsewhere})
	}
	keepers := serversOf(servers, resolver.KindFull, resolver.KindCache, resolver.KindUnknown)
	if len(keepers) == 0 {
		return nil, nil, withHint(resolver.ErrNoResolver, "accounts of a memory resolver are deleted from the configuration of servers, those of a URL resolver where the URL leads")
	}
	return v, keepers, nil
}

// advise says which of the accounts are still here. A server that has locked an
// account out takes the token that it had for no news, and goes on doing so.
func (o *removal) advise(v *removalView) {
	for _, a := range v.Accounts {
		if a.Name != "" && a.Outcome == removalDeleted {
			o.out.Notef("account %q is still here: delete it with nkeep delete account %q; to have it back on servers, edit it before it is pushed: the token they had stays locked out until they restart", a.Name, a.Name)
		}
	}
}

func (o *removal) refuseHTTP(w *workspace, op *operator) error {
	target, err := o.online.target(w, op)
	if err != nil || !isHTTP(target) {
		return err
	}
	return withHint(usagef("URL %q: an account server cannot be told to delete accounts", redactURLs(target)),
		"delete them where its files are, or give the URL of a server with a NATS-based resolver: -u nats://host:4222")
}

// keys are the public keys of the named accounts, and what they are called. The
// system account is none of them: servers cannot do without.
func (o *removal) keys(op *operator) (map[string]string, error) {
	keys := map[string]string{}
	for _, named := range o.named {
		name, public, err := op.otherAccount(named)
		switch {
		case err != nil && nkeys.IsValidPublicAccountKey(named):
			name, public = named, named // what is broken here can be deleted there
		case err != nil:
			return nil, err
		}
		if public == op.claims.SystemAccount {
			return nil, usagef("account %q: is the system account, which servers cannot do without", name)
		}
		if name == public {
			name = ""
		}
		keys[public] = name
	}
	return keys, nil
}

// strangers are the accounts that servers have and that are not here. Nothing here
// may be unreadable: what it is could be deleted there.
func (o *removal) strangers(ctx context.Context, op *operator, lists []resolver.Listing) (map[string]string, error) {
	h := newHarvest(op)
	if err := h.readLocal(ctx); err != nil {
		return nil, err
	}
	for name, public := range h.names {
		if public == "" && !h.absent(name) {
			return nil, withHint(fmt.Errorf("account %q: cannot be read: whether servers may lose it is not known", name), "see: nkeep doctor")
		}
	}
	keys := map[string]string{}
	for _, l := range lists {
		for _, public := range l.Accounts {
			if _, here := h.local[public]; !here && public != op.claims.SystemAccount {
				keys[public] = ""
			}
		}
	}
	return keys, nil
}

func (o *removal) agree(ctx context.Context, keys map[string]string) error {
	if len(keys) == 0 || o.force {
		return nil
	}
	var shown []string
	for public, name := range keys {
		if name == "" {
			name = public
		}
		shown = append(shown, name)
	}
	slices.Sort(shown)
	return o.confirm(ctx, fmt.Sprintf("Delete %s on all servers and cut off all clients: %s?", plural(len(keys), "account"), firstOf(shown, 20)))
}

// remove deletes accounts on every server. Their streams go first, as long as
// servers that have no cluster can find them.
func (o *removal) remove(ctx context.Context, w *workspace, op *operator, conn *resolver.Conn, expect []resolver.Server, keys map[string]string, v *removalView) error {
	ids := slices.Sorted(maps.Keys(keys))
	if len(ids) == 0 {
		return nil
	}
	by, err := w.signer(choice{what: "the request to delete accounts", candidates: claims.OperatorSigners(op.claims)})
	if err != nil {
		return err
	}
	if o.purge {
		v.Purged = map[string]string{}
		for _, public := range ids {
			v.Purged[public] = purged(conn.PurgeJetStream(ctx, public))
		}
	}
	for batch := range slices.Chunk(ids, removalBatch) {
		request, err := by.encode(claims.NewDeletion(by.public, batch))
		if err != nil {
			return err
		}
		done, err := conn.Delete(ctx, request, expect)
		if err != nil {
			return err
		}
		v.add(keys, batch, done)
	}
	return nil
}

func purged(err error) string {
	switch {
	case err == nil:
		return "begun"
	case errors.Is(err, resolver.ErrNoResponder):
		return "servers have no JetStream"
	}
	return err.Error()
}

// absent tells whether a directory holds no token: it is no account then.
func (h *harvest) absent(name string) bool {
	_, err := h.op.store.Account(name)
	return errors.Is(err, fs.ErrNotExist)
}
