package cmd

import (
	"cmp"
	"context"
	"errors"
	"io/fs"

	"nkeep/resolver"

	"github.com/nats-io/nkeys"
)

// gathering is how pull and diff come by what servers have: from where, and of which
// accounts.
type gathering struct {
	*app
	online  onlineFlags
	account string // the one to ask for, by name or public key
	all     bool   // every account instead
}

// begin makes a harvest of what is here, and of what is to be asked for.
func (g *gathering) begin(ctx context.Context, w *workspace, op *operator) (*harvest, error) {
	h := newHarvest(op)
	if g.all {
		return h, h.readLocal(ctx)
	}
	if nkeys.IsValidPublicAccountKey(g.account) {
		h.only = g.account
	}
	name, err := w.accountName(op.store, g.account)
	if errors.Is(err, fs.ErrNotExist) && h.only != "" { // is not known here
		h.expect(h.only)
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	if h.only, err = h.readOne(name); err != nil {
		return nil, err
	}
	h.expect(h.only)
	return h, nil
}

// visit connects to the servers, and asks who they are, what they keep and which
// operator they trust.
func (g *gathering) visit(ctx context.Context, w *workspace, h *harvest, client, doing string) (*resolver.Conn, error) {
	var named []string
	if h.only != "" {
		named = []string{h.only}
	}
	pub, sub := resolver.PullPermissions(named...)
	conn, err := g.online.dial(ctx, w, h.op, errand{client: client, doing: doing, pub: pub, sub: sub})
	if err != nil {
		return nil, err
	}
	probe, err := h.op.anyAccount()
	if err == nil {
		h.absence, h.servers, err = g.online.survey(ctx, conn, resolver.SurveyOptions{Account: cmp.Or(h.only, probe)})
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	h.takeOperators()
	return conn, nil
}

// fetch asks an account server for the operator, and for the accounts that are known
// here: it cannot tell which it has.
func (g *gathering) fetch(ctx context.Context, h *harvest, doing, base string) error {
	client, err := resolver.NewHTTP(resolver.HTTPOptions{TLS: g.online.security(g.app), Timeout: pullHTTPTimeout})
	if err != nil {
		return hintPair(err)
	}
	defer client.Close()
	g.out.Notef("%s %s", doing, redactURLs(base))
	h.partial = true
	return withHint(h.fetch(ctx, client, base), "is the account server running, and is the URL right? who signed its certificate is named with --ca-cert")
}
