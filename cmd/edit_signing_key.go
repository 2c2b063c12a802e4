package cmd

import (
	"context"
	"strconv"

	"nkeep/claims"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type editSigningKey struct {
	*app
	account  string
	named    string // the key: a role, or a public key
	sk       []string
	fromRole string
	edit     claims.ScopeEdit
}

func newEditSigningKey(a *app) *cobra.Command {
	o := &editSigningKey{app: a}
	c := &cobra.Command{
		Use:   "signing-key [ROLE|KEY]",
		Short: "Change what users of a signing key may do",
		Long: `Give a signing key of an account a role, or change it: what the users may do that
the key signs. They carry no permissions and limits of their own, so that a
change reaches all of them as soon as servers have the account.

The key is named by its role or its public key, with --sk also by its seed, or is
made by --sk generate. One that is not yet in the account is added. --role alone
names the role to change; beside a key it is the role that the key has from now on.
With --from-role a role begins as a copy of another, with a key of its own.

Subjects may have template functions, which servers fill in for each user:
{{name()}}, {{subject()}}, {{account-name()}}, {{account-subject()}}, {{tag(NAME)}}
and {{account-tag(NAME)}}. A limit of 0 cannot be set: tokens leave it out, and
servers read what is left out as unlimited.

To remove a signing key, use: nkeep edit account --rm-sk`,
		Example: `  nkeep edit signing-key --sk generate --role reader --allow-sub "orders.>" --deny-pub ">"
  nkeep edit signing-key reader --allow-sub "audit.{{name()}}.>"
  nkeep edit signing-key --role auditor --from-role reader --conn-type STANDARD
  nkeep add user shop -K reader`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	optionalArg(c, &o.named)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account of the key")
	bindStrings(f, &o.sk, "sk", "", "signing key: a role, a public key, a seed, a file that holds one, or generate")
	bindString(f, &o.edit.Role, "role", "", "role of the key")
	f.StringVar(&o.fromRole, "from-role", "", "role to copy")
	bindString(f, &o.edit.Description, "description", "", "description of the role")
	bindPermissions(f, &o.edit.Template.Permissions)
	bindPermissionRemoval(f, &o.edit.Template.Permissions)
	bindUserLimits(f, &o.edit.Template)
	c.ValidArgsFunction = a.complete(ofAccount("account", rolesAndKeys))
	a.completeFlag(c, "sk", ofAccount("account", rolesAndKeys))
	a.completeFlag(c, "role", ofAccount("account", roles))
	a.completeFlag(c, "from-role", ofAccount("account", roles))
	a.bindPush(c)
	return c
}

func (o *editSigningKey) check(c *cobra.Command) error {
	role := o.edit.Role
	switch {
	case len(o.sk) > 1:
		return usagef("%s: takes one key, got %d", commandName(c), len(o.sk))
	case len(o.sk) == 1 && o.named != "":
		return usagef("%s: %q and --sk both name a key", commandName(c), o.named)
	case role != nil && *role == "":
		return usagef("--role: is empty")
	case c.Flags().Changed("from-role") && (o.fromRole == "" || role == nil):
		return usagef("--from-role: needs a role to copy, and --role for what the copy is called")
	case len(o.sk) == 0 && o.named == "" && role == nil:
		return withHint(usagef("%s: needs a role or a key", commandName(c)), "for example:%s", firstExample(c))
	case o.changesNothing() && !givenNothing(c):
		return nothingToEdit(c)
	}
	return nil
}

// changesNothing is for a role alone: a key may be new, or get its first scope.
func (o *editSigningKey) changesNothing() bool {
	return len(o.sk) == 0 && o.edit.Empty() && !nkeys.IsValidPublicAccountKey(o.named) && o.flags.privateKey == ""
}

func (o *editSigningKey) run(ctx context.Context) error {
	e, err := o.updateAccount(ctx, o.account, o.stage)
	if err != nil {
		return err
	}
	return o.finish(ctx, report{Entities: []entity{e}})
}

func (o *editSigningKey) stage(c *change, op *operator, ac *account) (entity, error) {
	k, err := o.target(c.w, ac)
	if err != nil {
		return entity{}, err
	}
	if o.fromRole != "" {
		if o.edit.From, err = ac.keyOfRole(o.fromRole); err != nil {
			return entity{}, err
		}
	}
	if err := op.refuseIdentities(ac, []string{k.public}); err != nil {
		return entity{}, err
	}
	_, known := ac.claims.SigningKeys[k.public]
	_, scoped := claims.ScopeOf(ac.claims, k.public)
	changes, err := claims.AccountEdit{Scopes: map[string]claims.ScopeEdit{k.public: o.edit}}.Apply(ac.claims, o.env.Now())
	if err != nil {
		return entity{}, badEdit(err)
	}
	e, err := c.reissue(op, ac, changes)
	if err != nil {
		return entity{}, err
	}
	e.signingKey(ac, k.public, !known)
	if known && len(changes) > 0 {
		if err := o.warnUsers(op, ac, k.public, scoped); err != nil {
			return entity{}, err
		}
	}
	return e, o.putNamed(c, k, &e)
}

// target is the key that is meant. A role is a name of a key, which need not have
// its seed here.
func (o *editSigningKey) target(w *workspace, ac *account) (key, error) {
	switch {
	case len(o.sk) > 0:
		return w.scopedKey(ac, o.sk[0])
	case o.named != "" && !nkeys.IsValidPublicAccountKey(o.named):
		public, err := ac.keyOfRole(o.named)
		return key{public: public}, err
	case o.named != "":
		return w.givenKey(o.named, nkeys.PrefixByteAccount)
	case o.fromRole == "":
		public, err := ac.keyOfRole(*o.edit.Role)
		return key{public: public}, err
	}
	return w.app.newKey(nkeys.PrefixByteAccount)
}

// putNamed stages the seed of the key when it came with one.
func (o *editSigningKey) putNamed(c *change, k key, e *entity) error {
	stored, err := c.w.ring.Has(k.public)
	if err != nil || stored {
		return err
	}
	if k.pair == nil {
		o.out.Notef("the seed of %s is not in the keystore: to sign users with it, give that with -K", k.public)
	}
	return c.put(k, "key", e)
}

// warnUsers names the users for whom the change means something.
func (o *editSigningKey) warnUsers(op *operator, ac *account, public string, scoped bool) error {
	if scoped && o.edit.Template.Empty() {
		return nil
	}
	items, err := op.store.Users(ac.name)
	if err != nil {
		return err
	}
	var names []string
	for _, it := range items {
		if it.Head.Issuer == public {
			names = append(names, strconv.Quote(it.Name))
		}
	}
	switch {
	case len(names) == 0:
	case scoped:
		o.out.Warnf("users may do something else once account %q is pushed: %s", ac.name, firstOf(names, 20))
	default:
		o.out.Warnf("users were issued by %s as it had no scope: servers refuse them once account %q is pushed, for they carry limits of their own: %s", public, ac.name, firstOf(names, 20))
	}
	return nil
}
