package cmd

import (
	"context"
	"fmt"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type editOperator struct {
	*app
	edit          claims.OperatorEdit
	systemAccount *string // name or public key
	rmAccountURL  bool
	rmSystem      bool
	force         bool
}

func newEditOperator(a *app) *cobra.Command {
	o := &editOperator{app: a}
	c := &cobra.Command{
		Use:   "operator",
		Short: "Change the current operator",
		Long: `Change the current operator and sign it again. What changed is printed; when
nothing does, nothing is signed.

Servers read the operator's token when they start: after a change that concerns
them, generate their configuration again and restart or reload them.`,
		Example: `  nkeep edit operator --system-account SYS
  nkeep edit operator --service-url nats://localhost:4222 --account-jwt-server-url nats://localhost:4222
  nkeep edit operator --sk generate --require-signing-keys`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.rmAccountURL {
				o.edit.AccountServerURL = new(string)
			}
			if o.rmSystem {
				o.edit.SystemAccount = new(string)
			}
			if o.edit.Empty() && o.systemAccount == nil && !givenNothing(c) {
				return nothingToEdit(c)
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	bindList(f, &o.edit.SigningKeys, "sk", "", "signing keys: public keys, seeds, files that hold one, or generate")
	f.BoolVar(&o.force, "force", false, "remove signing keys that have issued accounts, too")
	bindList(f, &o.edit.Tags, "tag", "", "tags")
	bindList(f, &o.edit.ServiceURLs, "service-url", "n", "URLs under which clients reach the servers")
	bindString(f, &o.edit.AccountServerURL, "account-jwt-server-url", "u", "URL under which account tokens are pushed and served")
	f.BoolVar(&o.rmAccountURL, "rm-account-jwt-server-url", false, "remove that URL")
	bindString(f, &o.systemAccount, "system-account", "", "system account, by name or public key")
	f.BoolVar(&o.rmSystem, "rm-system-account", false, "have no system account any more")
	bindBool(f, &o.edit.RequireSigningKeys, "require-signing-keys", "let only signing keys sign accounts and users")
	a.bindTimes(f, &o.edit.Times)
	exclusive(c, "system-account", "rm-system-account")
	exclusive(c, "account-jwt-server-url", "rm-account-jwt-server-url")
	a.completeAccounts(c, "system-account")
	return c
}

func (o *editOperator) run(ctx context.Context) error {
	e, err := o.app.edit(ctx, &o.edit.SigningKeys, nkeys.PrefixByteOperator, o.stage)
	if err != nil {
		return err
	}
	o.advise(e)
	return o.out.Show(report{Entities: []entity{e}})
}

func (o *editOperator) stage(c *change, keys []key) (entity, error) {
	op, err := c.w.operator("")
	if err != nil {
		return entity{}, err
	}
	if err := o.resolveSystemAccount(op); err != nil {
		return entity{}, err
	}
	if err := o.checkStranded(op); err != nil {
		return entity{}, err
	}
	before := *op.claims
	changes, err := o.edit.Apply(op.claims, o.env.Now())
	if err != nil {
		return entity{}, badEdit(err)
	}
	e := entityOf(actionUnchanged, jwtstore.KindOperator, op.claims)
	if len(changes) == 0 {
		return e, c.putSigningKeys(keys, &e)
	}
	if op.claims.StrictSigningKeyUsage && !before.StrictSigningKeyUsage {
		if err := checkStrict(op); err != nil {
			return entity{}, err
		}
	}
	by, err := c.w.operatorSigner(op)
	if err != nil {
		return entity{}, err
	}
	token, err := by.renew(op.claims, op.token)
	if err != nil {
		return entity{}, err
	}
	if by.public != before.Issuer {
		changes = append([]claims.Change{{Field: "iss", From: before.Issuer, To: by.public}}, changes...)
	}
	e = entityOf(actionEdited, jwtstore.KindOperator, op.claims)
	e.Changes = explicit(changes)
	file, err := c.tokens.PutOperator(op.store.Name, token)
	if err != nil {
		return entity{}, err
	}
	e.file("token", file)
	return e, c.putSigningKeys(keys, &e)
}

// resolveSystemAccount accepts a name only of an account that is there, and
// that has no JetStream, which servers refuse to a system account.
func (o *editOperator) resolveSystemAccount(op *operator) error {
	if o.systemAccount == nil {
		return nil
	}
	given := *o.systemAccount
	if given == "" {
		return usagef("--system-account: is empty: name an account, or remove it with --rm-system-account")
	}
	name, err := findAccount(op.store, given)
	if err != nil && nkeys.IsValidPublicAccountKey(given) {
		o.out.Warnf("account %q is not in the store", given)
		o.edit.SystemAccount = &given
		return nil
	}
	if err != nil {
		return err
	}
	ac, err := op.account(name)
	if err != nil {
		return err
	}
	if ac.claims.Limits.IsJSEnabled() {
		return withHint(fmt.Errorf("account %q: has JetStream, and a system account must not", name), "take it away with: nkeep edit account %q --js-disable", name)
	}
	o.edit.SystemAccount = &ac.claims.Subject
	return nil
}

// checkStranded is about the accounts that a removed signing key has issued.
func (o *editOperator) checkStranded(op *operator) error {
	if len(o.edit.SigningKeys.Remove) == 0 {
		return nil
	}
	items, err := op.store.Accounts()
	if err != nil {
		return err
	}
	return o.strands(jwtstore.KindAccount, o.edit.SigningKeys.Remove, o.force, items)
}

func (o *editOperator) advise(e entity) {
	for _, c := range e.Changes {
		if c.Field != "nats.tags" && c.Field != "exp" && c.Field != "nbf" {
			o.out.Notef("servers read the operator when they start: generate their configuration again, and restart them")
			return
		}
	}
}
