package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// exporter is the account that something is imported from.
type exporter struct {
	w       *workspace
	op      *operator
	name    string   // in the store; the public key of one that is not there
	public  string   // key
	account *account // nil if it is not in the store
}

// exporter finds the account that is named, or else that an activation comes from.
// One that is given by its public key need not be in the store.
func (w *workspace) exporter(op *operator, source, named string, spec claims.ImportSpec) (*exporter, error) {
	if source != "" {
		named = spec.Account
	}
	name, err := findAccount(op.store, named)
	if errors.Is(err, fs.ErrNotExist) && nkeys.IsValidPublicAccountKey(named) {
		return &exporter{w, op, named, named, nil}, nil
	}
	if err != nil {
		return nil, err
	}
	ac, err := op.account(name)
	if err != nil {
		return nil, err
	}
	return &exporter{w, op, name, ac.claims.Subject, ac}, nil
}

// admit makes sure, as far as can be told here, that servers let the account have
// the import. A private export without an activation gets one on the way.
func (x *exporter) admit(im *jwt.Import, importer *account) error {
	act, err := x.activation(im)
	if err != nil {
		return err
	}
	if x.account == nil {
		x.warnUnknown(im, act)
		return nil
	}
	i, err := x.account.exportWith(string(im.Subject), im.Type)
	if err != nil {
		return err
	}
	export := x.account.claims.Exports[i]
	switch {
	case export.TokenReq && act == nil:
		return x.activate(export, im, importer)
	case export.TokenReq:
		return x.checkRevoked(export, act)
	case act != nil:
		return withHint(usagef("export %q: of account %q is public, and needs no activation", export.Subject, x.name),
			"import it with: nkeep add import --src-account %q --remote-subject %q", x.name, im.Subject)
	}
	if err := claims.CheckAccountToken(export, string(im.Subject), importer.claims.Subject); err != nil {
		return withHint(usageError{err}, "put that key there in --remote-subject, and give the import another name with --local-subject")
	}
	return nil
}

// activation is what an import came with, verified as far as can be: nil without one.
func (x *exporter) activation(im *jwt.Import) (act *jwt.ActivationClaims, err error) {
	switch {
	case im.Token == "":
		return nil, nil
	case x.account == nil:
		act, err = claims.ReadActivation(im.Token)
	default:
		act, err = claims.VerifyActivation(im.Token, x.account.claims)
	}
	if err == nil && act.NotBefore > x.w.app.env.Now().Unix() {
		x.w.app.out.Warnf("activation %q: is not valid before %s: servers refuse it until then", act.Name, render.Time(act.NotBefore))
	}
	return act, err
}

// warnUnknown tells what servers will look at and could not be looked at here.
func (x *exporter) warnUnknown(im *jwt.Import, act *jwt.ActivationClaims) {
	switch out := x.w.app.out; {
	case act == nil:
		out.Warnf("account %q: is not in this store: whether it exports %s %q, to all, is not known", x.name, im.Type, im.Subject)
	case act.Issuer != x.public:
		out.Warnf("account %q: is not in this store: whether %s, which signed the activation, is a key of it is not known", x.name, act.Issuer)
	}
}

func (x *exporter) checkRevoked(export *jwt.Export, act *jwt.ActivationClaims) error {
	if !export.Revocations.IsRevoked(act.Subject, time.Unix(act.IssuedAt, 0)) {
		return nil
	}
	return withHint(fmt.Errorf("activation %q: was revoked by account %q", act.Name, x.name), "get a new one: nkeep generate activation -a %q -s %q -t %q", x.name, act.ImportSubject, act.Subject)
}

// activate makes the activation for an import, if a key of the exporter is stored.
func (x *exporter) activate(export *jwt.Export, im *jwt.Import, importer *account) error {
	plain, _ := claims.UserSigners(x.op.claims, x.account.claims)
	by, ok, err := x.w.storedSigner(plain)
	if err != nil {
		return err
	}
	if !ok {
		return withHint(fmt.Errorf("export %q: of account %q is private, and the seed of none of its keys is in the keystore", export.Subject, x.name),
			"ask for an activation of account %s, and give it with --token", importer.claims.Subject)
	}
	spec := claims.ActivationSpec{Target: importer.claims.Subject, Subject: string(im.Subject)}
	act, err := claims.NewActivation(x.account.claims, export, spec, x.w.app.env.Now())
	if err != nil {
		return withHint(err, "see what is revoked with: nkeep revocations list-activations -a %q", x.name)
	}
	if im.Token, err = by.activation(act, x.public); err != nil {
		return err
	}
	x.w.app.out.Notef("export %q of account %q is private: made an activation for account %q, signed by %s", export.Subject, x.name, importer.name, by.public)
	return nil
}
