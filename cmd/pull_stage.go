package cmd

import (
	"errors"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// stage decides about everything that was read, and stages what is to change.
func (o *pull) stage(c *change, h *harvest, going []string, v *pullView) error {
	op, err := c.w.operator(h.op.store.Name)
	if err != nil {
		return err
	}
	if op.token != h.op.token {
		return withHint(fmt.Errorf("operator %q: was changed while accounts were read", op.store.Name), "pull again")
	}
	if v.Operators, err = o.stageOperator(c, h); err != nil {
		return err
	}
	for public, f := range h.found {
		p, err := o.stageAccount(c, h, public, f)
		if err != nil {
			return err
		}
		v.Accounts = append(v.Accounts, p)
	}
	for public, local := range h.local {
		if h.found[public] == nil {
			v.Accounts = append(v.Accounts, h.absentAccount(local.name, public))
		}
	}
	return o.stagePrune(c, h, going, v)
}

// stageAccount decides about one account.
func (o *pull) stageAccount(c *change, h *harvest, public string, f *foundAccount) (pulled, error) {
	local, known := h.local[public]
	p := pulled{Name: local.name, Account: public}
	if f.newest != nil {
		p.Issued = render.Time(f.newest.claims.IssuedAt)
	}
	switch {
	case f.newest == nil && known && f.has(local.token):
		p.Outcome = pullUnchanged
		head, err := jwtstore.ReadHead(local.token)
		p.Issued = render.Time(head.IssuedAt)
		return p, err
	case f.newest == nil && f.err == nil && h.only == "":
		return p.refuse("a server lists it, and none handed it out"), nil
	case f.newest == nil && f.err == nil:
		return h.absentAccount(local.name, public), nil
	case f.newest == nil:
		p.Outcome, p.Message = pullRefused, f.err.Error()
	case !known:
		return o.addPulled(c, h, p, f)
	default:
		return o.updatePulled(c, h, p, f)
	}
	return p, nil
}

// absentAccount is an account that no server has, as far as they said.
func (h *harvest) absentAccount(name, public string) pulled {
	p := pulled{Name: name, Account: public, Outcome: pullAbsent, Message: "no server has it"}
	switch {
	case h.loaded:
		p.Outcome, p.Message = pullUnknown, notInForce
	case len(h.silent) > 0 || h.Missing > 0:
		p.Outcome, p.Message = pullUnknown, "no server has it of those that answered"
	case len(h.cached[public]) > 0:
		p.Outcome, p.Message = pullUnknown, "no server stores it; cached on "+firstOf(h.cached[public], 5)
	case len(h.elsewhere()) > 0:
		p.Outcome, p.Message = pullUnknown, "no server stores it; not known of "+firstOf(h.elsewhere(), 5)
	}
	return p
}

// addPulled stages an account that is not known here.
func (o *pull) addPulled(c *change, h *harvest, p pulled, f *foundAccount) (pulled, error) {
	p.Name = f.newest.name
	if f.tied && !o.overwrite {
		return p.refuse(tiedCopies + "; --overwrite-newer takes one of them"), nil
	}
	_, err := c.tokens.AddAccount(h.op.store.Name, p.Name, f.newest.token)
	if exists, ok := errors.AsType[*jwtstore.EntityError](err); ok && errors.Is(err, fs.ErrExist) {
		p.Outcome = pullClash
		p.Message = fmt.Sprintf("another account %q is here", exists.Name)
		if other := h.names[exists.Name]; other != "" {
			p.Message += ", " + other
		}
		return p, nil
	}
	p.Outcome = pullAdded
	if f.tied {
		p.Message = tiedCopies + tiedTaken
	}
	return p, err
}

// Of copies that were issued in the same second none is newer. The id decides which is
// taken, so that it is the same one each time, whoever answers first.
const (
	tiedCopies = "servers have different tokens of the same second"
	tiedTaken  = "; this is the one whose id sorts last"
)

// updatePulled stages an account that is here already, if it is newer than that.
func (o *pull) updatePulled(c *change, h *harvest, p pulled, f *foundAccount) (pulled, error) {
	token, err := h.op.store.Account(p.Name) // others may have changed it meanwhile
	if err != nil {
		return p, err
	}
	head, ok := headOf(token, p.Account)
	if !ok {
		return p.refuse("was changed here while accounts were read"), nil
	}
	here := localCopy{Head: head, listed: f.has(token)}
	if mine, err := jwt.DecodeAccountClaims(token); err == nil { // what is broken here differs
		here.id = mine.ID
		if p.Changes, err = claims.Diff(mine, f.newest.claims); err != nil {
			return p, err
		}
		p.Changes = explicit(p.Changes)
	}
	if kept, ok := o.keeps(p, f, here); ok {
		kept.Changes = nil
		return kept, nil
	}
	if why := o.objection(p, f, here); why != "" {
		return p.refuse(why), nil
	}
	if f.tied || here.listed && f.newest.claims.IssuedAt == here.IssuedAt {
		p.Message = tiedCopies + tiedTaken
	}
	p.Outcome = pullUpdated
	_, err = c.tokens.PutAccount(h.op.store.Name, p.Name, f.newest.token)
	return p, err
}

// localCopy is an account here that servers have otherwise.
type localCopy struct {
	jwtstore.Head
	id     string // of the token; empty for one that is broken
	listed bool   // some server has it, word for word
}

// keeps tells whether an account stays as it is, and why.
func (o *pull) keeps(p pulled, f *foundAccount, here localCopy) (pulled, bool) {
	theirs := f.newest.claims
	p.Outcome, p.Issued = pullUnchanged, render.Time(here.IssuedAt)
	switch {
	case theirs.IssuedAt <= here.IssuedAt && len(p.Changes) == 0 && here.id != "":
	case theirs.IssuedAt < here.IssuedAt && here.listed:
		p.Message = "some servers have an older one"
	case theirs.IssuedAt < here.IssuedAt && !o.overwrite:
		p.Outcome, p.Message, p.Issued = pullNewer, "is newer here than on any server", render.Time(theirs.IssuedAt)
	case theirs.IssuedAt == here.IssuedAt && here.listed && o.overwrite && here.id > theirs.ID:
		p.Message = tiedCopies + tiedTaken
	default:
		return p, false
	}
	return p, true
}

// objection says why an account is not taken, if anything speaks against it.
func (o *pull) objection(p pulled, f *foundAccount, here localCopy) string {
	switch {
	case f.newest.name != p.Name:
		return fmt.Sprintf("is called %q on servers; rename it first, or push it", f.newest.name)
	case o.overwrite:
		return ""
	case f.tied:
		return tiedCopies + "; --overwrite-newer takes one of them"
	case f.newest.claims.IssuedAt == here.IssuedAt:
		return "servers have another token of the same second; --overwrite-newer takes it"
	}
	return ""
}

// headOf is the head of a token, if it is that of the account with a public key.
func headOf(token, public string) (jwtstore.Head, bool) {
	head, err := jwtstore.ReadHead(token)
	return head, err == nil && head.Subject == public
}

// stageOperator compares the operator with what servers know it as. Only where it
// is managed elsewhere its token comes from there, and only as the same identity.
func (o *pull) stageOperator(c *change, h *harvest) ([]operatorDiff, error) {
	rows := compareOperator(h.op, h.operators)
	if !h.op.store.Managed {
		return rows, nil
	}
	best := -1
	for i, f := range h.operators {
		if f.err == nil && (best < 0 || f.claims.IssuedAt > h.operators[best].claims.IssuedAt) {
			best = i
		}
	}
	if best < 0 || h.operators[best].token == h.op.token {
		return rows, nil
	}
	if f := h.operators[best]; f.claims.IssuedAt > h.op.claims.IssuedAt || o.overwrite {
		changes, err := claims.Diff(h.op.claims, f.claims)
		if err != nil {
			return nil, err
		}
		rows[best] = operatorDiff{Source: f.source, Outcome: pullUpdated, Changes: explicit(changes)}
		_, err = c.tokens.PutOperator(h.op.store.Name, f.token)
		return rows, err
	}
	return rows, nil
}
