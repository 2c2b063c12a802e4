package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// runRebuild makes a lost store anew: the operator and its accounts as servers
// have them, and users as their creds have them.
func (o *pull) runRebuild(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	conn, err := o.dialRebuild(ctx, w)
	if err != nil {
		return err
	}
	defer conn.Close()
	h, err := o.lostOperator(ctx, w, conn)
	if err != nil {
		return err
	}
	if err := h.readAccounts(ctx, conn); err != nil {
		return err
	}
	if len(h.found) == 0 {
		return withHint(errors.New("servers cannot tell which accounts they have: the store cannot be made anew from them"), "the tokens in their configuration are taken one by one with: nkeep import account --file FILE")
	}
	v := newPullView(conn.URL(), h)
	err = w.update(ctx, func(c *change) error { return o.stageRebuild(c, h, v) })
	if err != nil {
		return hintIf(err, fs.ErrExist, "what is not lost is brought up to date with: nkeep pull -A")
	}
	o.out.Notef("operator %q is here again; see what its keys and users lack with: nkeep doctor", h.op.store.Name)
	return o.show(v)
}

// dialRebuild connects as whom the command line names: nothing here says who else
// may log in.
func (o *pull) dialRebuild(ctx context.Context, w *workspace) (*resolver.Conn, error) {
	id, ok, err := o.online.named(ctx, w)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, withHint(usagef("--rebuild: who logs in to the system account?"), "name its creds with --creds; they may be in %q", filepath.Join(w.places.Keys.Path, "creds"))
	}
	if o.online.url == "" && (o.online.nats == nil || o.online.nats.URL == "") {
		return nil, withHint(usagef("--rebuild: where are the servers?"), "give a URL with -u nats://host:4222")
	}
	target, err := o.online.target(w, o.nobody())
	if err != nil {
		return nil, err
	}
	if isHTTP(target) {
		return nil, usagef("URL %q: an HTTP account server cannot tell which accounts it has", redactURLs(target))
	}
	return o.online.dialAs(ctx, o.app, target, errand{client: "nkeep pull", doing: "pulling from"}, id, "is the server running, and are these creds of its system account?")
}

// nobody is the operator as long as none is known.
func (o *pull) nobody() *operator {
	return &operator{store: &jwtstore.Store{}, claims: &jwt.OperatorClaims{}, app: o.app}
}

// lostOperator is the newest token of the operator that servers trust and of which
// a key is in the keystore: without that, anybody's servers could make it up.
func (o *pull) lostOperator(ctx context.Context, w *workspace, conn *resolver.Conn) (*harvest, error) {
	probe, err := o.nobody().anyAccount()
	if err != nil {
		return nil, err
	}
	missing, servers, err := o.online.survey(ctx, conn, resolver.SurveyOptions{Account: probe})
	if err != nil {
		return nil, err
	}
	var best *operator
	for _, s := range servers {
		for _, theirs := range s.Operators {
			token := theirs.Token
			oc, err := operatorOutside(token, "")
			if err != nil || !w.holdsKeyOf(oc) {
				continue
			}
			if best != nil && best.claims.Subject != oc.Subject {
				return nil, fmt.Errorf("servers trust several operators whose keys are here: %q, %q", best.claims.Name, oc.Name)
			}
			if best == nil || oc.IssuedAt > best.claims.IssuedAt {
				best = &operator{&jwtstore.Store{Name: oc.Name}, oc, token, o.app}
			}
		}
	}
	if best == nil {
		return nil, withHint(errors.New("servers trust no operator of which a key is in the keystore"), "an operator that others run is added with: nkeep add operator --url")
	}
	h := newHarvest(best)
	h.servers, h.absence = servers, missing
	return h, nil
}

// holdsKeyOf tells whether a key of the operator that may sign is in the keystore.
func (w *workspace) holdsKeyOf(oc *jwt.OperatorClaims) bool {
	return slices.ContainsFunc(append([]string{oc.Subject}, claims.OperatorSigners(oc)...), func(public string) bool {
		ok, err := w.ring.Has(public)
		return ok && err == nil
	})
}

func (o *pull) stageRebuild(c *change, h *harvest, v *pullView) error {
	name := h.op.store.Name
	if _, err := c.tokens.AddOperator(name, h.op.token, false); err != nil {
		return err
	}
	accounts := map[string]*account{}
	for public, f := range h.found {
		p := pulled{Account: public}.refuse("a server lists it, and none handed it out")
		switch {
		case f.newest != nil:
			var err error
			if p, err = o.addPulled(c, h, pulled{Account: public}, f); err != nil {
				return err
			}
			if p.Outcome == pullAdded {
				accounts[p.Name] = f.newest
			}
		case f.err != nil:
			p = p.refuse(f.err.Error())
		}
		v.Accounts = append(v.Accounts, p)
	}
	for e, err := range c.w.ring.AllCreds(name) {
		if err != nil {
			return err
		}
		u, err := o.rebuildUser(c, name, e, accounts[e.Account])
		if err != nil {
			return err
		}
		v.Users = append(v.Users, u)
	}
	return c.choose(name, "")
}

// rebuildUser makes a user of its creds, if the account that is here again issued it.
func (o *pull) rebuildUser(c *change, operator string, e keystore.CredsEntry, ac *account) (pulledUser, error) {
	p := pulledUser{Name: e.User, Account: e.Account, Outcome: pullRefused}
	if ac == nil {
		p.Message = "its account is on no server"
		return p, nil
	}
	u, err := c.w.userOfCreds(operator, e, ac)
	if err != nil {
		return p.refuse(err), nil
	}
	p.Outcome = pullAdded
	_, err = c.tokens.AddUser(operator, ac.name, e.User, u.token)
	return p, err
}

func (w *workspace) userOfCreds(operator string, e keystore.CredsEntry, ac *account) (*user, error) {
	token, err := w.ring.CredsToken(operator, e.Account, e.User)
	if err != nil {
		return nil, err
	}
	return userOutside(token, "", ac)
}
