package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
)

// checkSubject is where the round trip goes.
const checkSubject = "nkeep.check"

// prove tries what the server is for: one of ours gets in and can publish and
// subscribe, strangers are refused.
func (o *up) prove(ctx context.Context, w *workspace, op *operator, v *upView) {
	v.checked("push", pushProblem(v), fmt.Sprintf("the server keeps %d accounts", v.Pushed))
	detail, err := o.roundTrip(ctx, w, op, v)
	v.checked("publish and subscribe", err, detail)
	for _, s := range o.strangers(w, op) {
		v.checked(s.what, o.refused(ctx, v.URL, s), "refused")
	}
}

func pushProblem(v *upView) error {
	if v.Pushed < v.Accounts {
		return fmt.Errorf("%d of %d accounts were pushed", v.Pushed, v.Accounts)
	}
	return nil
}

// roundTrip sends a message to itself, with the creds of a user if one of the
// current account has any, else as a temporary user that its account signs.
func (o *up) roundTrip(ctx context.Context, w *workspace, op *operator, v *upView) (string, error) {
	account, err := w.selectedAccount(op, "")
	if err != nil {
		return "", err
	}
	id, who, err := o.clientIdentity(w, op, account, v)
	if err != nil {
		return "", err
	}
	conn, err := resolver.Dial(ctx, resolver.Options{URLs: []string{v.URL}, Name: upClientName, Identity: id})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	took, err := conn.RoundTrip(ctx, checkSubject, []byte("nkeep"))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("a message went around in %s, as %s", took, who), nil
}

func (o *up) clientIdentity(w *workspace, op *operator, ac *account, v *upView) (id resolver.Identity, who string, err error) {
	for _, u := range v.Users {
		if u.Account != ac.name {
			continue
		}
		stored, err := op.user(ac, u.User)
		if err != nil {
			return id, "", err
		}
		if p := stored.claims.Permissions; !p.Pub.Empty() || !p.Sub.Empty() || claims.Scoped(ac.claims, stored.claims) {
			continue // may not use the subject of the check
		}
		token, kp, err := w.ring.Creds(op.store.Name, u.Account, u.User)
		return userIdentity(token, kp), fmt.Sprintf("user %s/%s with its creds file", u.Account, u.User), err
	}
	subjects := []string{checkSubject}
	id, err = w.temporaryUser(op, ac, subjects, subjects, temporaryUserLife)
	return id, fmt.Sprintf("a temporary user of account %s", ac.name), err
}

// stranger is somebody who must not get in.
type stranger struct {
	what string
	id   resolver.Identity
	err  error
}

// strangers are a user of an account that nobody here signed, and one that
// claims to be of our account, signed by a key that is not the account's.
func (o *up) strangers(w *workspace, op *operator) []stranger {
	ours, err := w.selectedAccount(op, "")
	if err != nil {
		return []stranger{{what: "strangers", err: err}}
	}
	var out []stranger
	for _, s := range []struct{ what, account string }{
		{"a user of an unknown account", ""}, {"a user of ours that a foreign key signed", ours.claims.Subject},
	} {
		id, err := o.strangerOf(s.account)
		out = append(out, stranger{s.what, id, err})
	}
	return out
}

func (o *up) strangerOf(issuerAccount string) (resolver.Identity, error) {
	account, err := o.newKey(nkeys.PrefixByteAccount)
	if err != nil {
		return resolver.Identity{}, err
	}
	user, err := o.newKey(nkeys.PrefixByteUser)
	if err != nil {
		return resolver.Identity{}, err
	}
	uc := claims.NewUser(user.public, "stranger")
	uc.IssuerAccount = issuerAccount
	token, err := signerOf(account.public, account.pair).encode(uc)
	return userIdentity(token, user.pair), err
}

// refused is nil when the server does not let the stranger in.
func (o *up) refused(ctx context.Context, url string, s stranger) error {
	if s.err != nil {
		return s.err
	}
	conn, err := resolver.Dial(ctx, resolver.Options{URLs: []string{url}, Name: upClientName, Identity: s.id})
	if err == nil {
		conn.Close()
		return errors.New("got in")
	}
	if errors.Is(err, resolver.ErrLogin) {
		return nil
	}
	return err
}
