package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type reissueOperator struct {
	*app
	name    string
	convert bool
	dryRun  bool
}

// errDryRun ends a transaction in which everything is staged and nothing is to be written.
var errDryRun = errors.New("dry run")

func newReissueOperator(a *app) *cobra.Command {
	o := &reissueOperator{app: a}
	c := &cobra.Command{
		Use:   "operator [NAME]",
		Short: "Give an operator a new identity key",
		Long: `Give an operator a new identity key: a new one, or the one that --private-key
names. The operator signs itself again with it, and the accounts that the old
identity has issued are signed again, all of it or nothing. With
--convert-to-signing-key the old identity becomes a signing key, and what it has
issued stays as it is. Accounts that signing keys have issued stay in any case, and
so do all users.

Servers know an operator by its identity: none accepts what the new one signs
before it has the operator's new token. What has to be done is printed; with
--dry-run that is all that happens. The seed of the old identity stays in the
keystore.`,
		Example: `  nkeep reissue operator --dry-run
  nkeep reissue operator ACME --convert-to-signing-key
  nkeep reissue operator -n ACME -K new-operator.nk`,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	nameArg(c, &o.name, "operator to reissue")
	f := c.Flags()
	f.BoolVar(&o.convert, "convert-to-signing-key", false, "make the old identity a signing key, and leave the accounts as they are")
	f.BoolVar(&o.dryRun, "dry-run", false, "change nothing, and print what would be done")
	a.completeName(c, operatorNames)
	return c
}

func (o *reissueOperator) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	identity, err := o.identity(w)
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		if done, err = o.stage(ctx, c, identity); err == nil && o.dryRun {
			return errDryRun
		}
		return err
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	if o.dryRun && o.flags.privateKey == "" {
		withoutKey(done, identity.public)
	}
	o.advise(done)
	return o.out.Show(report{Entities: done, DryRun: o.dryRun})
}

// identity is the new one. What --private-key names has to have a seed.
func (o *reissueOperator) identity(w *workspace) (key, error) {
	value := o.flags.privateKey
	if value == "" {
		return o.newKey(nkeys.PrefixByteOperator)
	}
	k, err := w.givenKey(value, nkeys.PrefixByteOperator)
	if err == nil && k.pair == nil {
		k.pair, err = w.ring.Get(k.public)
	}
	return k, withHint(err, "give the seed of an operator, a file that holds it, or a public key whose seed is in the keystore")
}

// stage makes the key the identity of the operator, which is the first of the
// report, and signs again what the old one has issued.
func (o *reissueOperator) stage(ctx context.Context, c *change, identity key) ([]entity, error) {
	op, err := c.w.operator(o.name)
	if err != nil {
		return nil, err
	}
	if op.store.Managed {
		return nil, withHint(fmt.Errorf("operator %q: is managed elsewhere, and signs itself there", op.store.Name), "take over what is there now with: nkeep pull -A")
	}
	issued, err := o.issued(op)
	if err != nil {
		return nil, err
	}
	if err := o.refuseTaken(c.w, identity.public, op.store.Name); err != nil {
		return nil, err
	}
	before := *op.claims
	if err := claims.Reidentify(op.claims, identity.public, o.convert); err != nil {
		return nil, badEdit(err)
	}
	token, err := claims.EncodeReissued(op.claims, op.token, before.Subject, signerOf(identity.public, identity.pair).sign)
	if err != nil {
		return nil, fmt.Errorf("sign operator %q: %w", op.store.Name, err)
	}
	changes, err := claims.Diff(&before, op.claims)
	if err != nil {
		return nil, err
	}
	file, err := c.tokens.PutOperator(op.store.Name, token)
	if err != nil {
		return nil, err
	}
	e := entityOf(actionReissued, jwtstore.KindOperator, op.claims)
	e.Changes = explicit(changes)
	e.file("token", file)
	if err := c.put(identity, "key", &e); err != nil {
		return nil, err
	}
	accounts, err := o.reissueAll(ctx, c, op, issued, identity)
	return append([]entity{e}, accounts...), err
}

// issued are the accounts that are signed again: those that the old identity has
// issued, unless it goes on signing.
func (o *reissueOperator) issued(op *operator) ([]*account, error) {
	// A strict operator's identity should have issued none. If it did, now is the time to mend it.
	lax := *op.claims
	lax.StrictSigningKeyUsage = false
	known := claims.OperatorSigners(&lax)
	var (
		found   []*account
		foreign []string
	)
	for it, err := range op.store.ScanAccounts() {
		switch {
		case err != nil:
			return nil, err
		case it.Err != nil:
			return nil, withHint(it.Err, "whether it has to be signed again is not known; see: nkeep doctor")
		case !slices.Contains(known, it.Head.Issuer):
			foreign = append(foreign, it.Name)
		case it.Head.Issuer == op.claims.Subject && !o.convert:
			token, err := op.store.Account(it.Name)
			if err != nil {
				return nil, err
			}
			ac, err := claims.VerifyAccount(token, &lax, false)
			if err != nil {
				return nil, distrusted(op.store.AccountPath(it.Name), err)
			}
			found = append(found, &account{it.Name, ac, token})
		}
	}
	if len(foreign) > 0 {
		o.out.Warnf("accounts that operator %q has not issued stay as they are: %s", op.store.Name, firstOf(foreign, 20))
	}
	return found, nil
}

// reissueAll signs accounts again: with the new identity or, where that must not
// sign accounts, with a signing key.
func (o *reissueOperator) reissueAll(ctx context.Context, c *change, op *operator, accounts []*account, identity key) ([]entity, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	by := signerOf(identity.public, identity.pair)
	if op.claims.StrictSigningKeyUsage {
		var ok bool
		var err error
		if by, ok, err = c.w.storedSigner(op.claims.SigningKeys); err != nil {
			return nil, err
		}
		if !ok {
			return nil, withHint(fmt.Errorf("operator %q: requires signing keys, and the seed of none of them is in the keystore", op.store.Name), "bring one with: nkeep import keys -d DIR")
		}
	}
	tokens, done := make([]string, len(accounts)), make([]entity, len(accounts))
	err := o.signAll(ctx, len(accounts), "accounts", func(i int) (err error) {
		was := accounts[i].claims.Issuer
		tokens[i], err = by.renew(accounts[i].claims, accounts[i].token)
		done[i] = entityOf(actionReissued, jwtstore.KindAccount, accounts[i].claims)
		done[i].Operator, done[i].Changes = op.store.Name, []claims.Change{{Field: "iss", From: was, To: by.public}}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, ac := range accounts {
		file, err := c.tokens.PutAccount(op.store.Name, ac.name, tokens[i])
		if err != nil {
			return nil, err
		}
		done[i].file("token", file)
	}
	return done, nil
}

// advise says what has to be done before servers accept what the operator signs.
func (o *reissueOperator) advise(done []entity) {
	o.out.Warnf("every server needs the new token of operator %s, which it reads when it starts: generate its configuration again (nkeep generate config), and restart it", strconv.Quote(done[0].Name))
	var names []string
	for _, e := range done[1:] {
		names = append(names, e.Name)
	}
	if len(names) > 0 {
		o.out.Warnf("servers refuse these accounts, with all of their users, from then on until they are pushed (nkeep push -A): %s", firstOf(names, 20))
	}
	if !o.convert {
		o.out.Notef("the seed of the old identity stays in the keystore; nothing here needs it any more")
	}
}

// withoutKey takes a key out of the report that was made and is not kept.
func withoutKey(done []entity, public string) {
	for i := range done {
		e := &done[i]
		if e.PublicKey == public {
			e.PublicKey = ""
		}
		if e.Issuer == public {
			e.Issuer = ""
		}
		for j := range e.Changes {
			if e.Changes[j].To == public {
				e.Changes[j].To = "a new key"
			}
		}
		e.Files = slices.DeleteFunc(e.Files, func(f madeFile) bool { return f.What == "key" })
	}
}
