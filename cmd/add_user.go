package cmd

import (
	"context"
	"fmt"
	"io/fs"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type addUser struct {
	*app
	batch   batch
	account string
	spec    userSpec
}

// userSpec is what flags, or a line of a file, ask of a new user.
type userSpec struct {
	key  string
	edit claims.UserEdit
}

func newAddUser(a *app) *cobra.Command {
	o := &addUser{app: a}
	c := &cobra.Command{
		Use:   "user NAME...",
		Short: "Create users, their keys and their creds",
		Long: `Create users of an account: all of them or, when one cannot be, none. Unless a
public key is given without its seed, the key is stored and a creds file is
written, with which a client can connect.

The account signs with its identity key or a plain signing key. A scoped signing
key signs only when --private-key names it, by its role for instance; it decides
what the user may do, so that permissions and limits cannot be given then.

With --from users come from a file, or from stdin. It has a name on each line; or
it is CSV, whose first line names the fields; or each line is a JSON object. Fields
are name and the flags of this command, without dashes. They replace the values of
the command line, and add to its lists.`,
		Example: `  nkeep add user shop
  nkeep add user shop -a ORDERS --allow-pub "orders.>" --allow-sub "_INBOX.>"
  nkeep add user shop -K reader --expiry 30d
  nkeep add user -a ORDERS --from team.csv --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.batch.empty() {
				return required(c, "user")
			}
			return o.run(c.Context())
		},
	}
	o.batch.bind(c, "name of the user; * invents one")
	a.bindAccount(c, &o.account, "account of the user")
	a.bindUserSpec(&o.spec, c.Flags())
	return c
}

func (a *app) bindUserSpec(s *userSpec, f *pflag.FlagSet) {
	f.StringVarP(&s.key, "public-key", "k", "", "identity of the user: a public key, a seed, or a file that holds one")
	bindStrings(f, &s.edit.Tags.Add, "tag", "", "add tags")
	bindStrings(f, &s.edit.Limits.SourceNetworks.Add, "source-network", "", "networks from which the user may connect, in CIDR notation")
	bindBool(f, &s.edit.Limits.Bearer, "bearer", "let the token suffice, without the key")
	a.bindTimes(f, &s.edit.Times)
	bindPermissions(f, &s.edit.Limits.Permissions)
}

func (o *addUser) run(ctx context.Context) error {
	lines, err := o.batch.newcomers(ctx, o.app)
	if err != nil {
		return err
	}
	specs, given := make([]*userSpec, len(lines)), make([]string, len(lines))
	for i, ln := range lines {
		if specs[i], err = specOf(o.spec, ln, o.bindUserSpec); err != nil {
			return err
		}
		given[i] = specs[i].key
	}
	w, keys, err := o.begin(ctx, nkeys.PrefixByteUser, given...)
	if err != nil {
		return err
	}
	var (
		done    []entity
		account string
	)
	err = w.update(ctx, func(c *change) error {
		op, ac, err := o.load(c)
		if err != nil {
			return err
		}
		account = ac.name
		made, err := keys()
		if err != nil {
			return err
		}
		find := func(publics ...string) (map[string]string, error) { return op.store.UsersByKey(ac.name, publics...) }
		if err := refuseTaken(jwtstore.KindUser, lines, given, made, find); err != nil {
			return err
		}
		done, err = o.stage(ctx, c, op, ac, lines, specs, made)
		return err
	})
	if err != nil {
		return hintIf(err, fs.ErrExist, fmt.Sprintf("list users with: nkeep list users -a %q", account))
	}
	o.noteLacking(done)
	return o.showChanged(done, o.batch.many())
}

// load reads the account as it is under the lock.
func (o *addUser) load(c *change) (*operator, *account, error) {
	op, err := c.w.operator("")
	if err != nil {
		return nil, nil, err
	}
	ac, err := c.w.selectedAccount(op, o.account)
	return op, ac, err
}

// stage signs the users, all by one key, and stages their files.
func (o *addUser) stage(ctx context.Context, c *change, op *operator, ac *account, lines []line, specs []*userSpec, keys []key) ([]entity, error) {
	by, err := c.w.userSigner(op, ac, lines[0].name, "")
	if err != nil {
		return nil, err
	}
	o.outlive(ac, keys...)
	signed := make([]signedUser, len(lines))
	err = o.signAll(ctx, len(lines), "users", func(i int) error {
		uc, err := o.claims(ac, lines[i].name, keys[i], specs[i], by)
		if err == nil {
			signed[i], err = signUser(keys[i], uc, by)
		}
		return lines[i].wrap(err)
	})
	if err != nil {
		return nil, err
	}
	done := make([]entity, len(lines))
	for i, s := range signed {
		if done[i], err = c.stageUser(op.store.Name, ac.name, s); err != nil {
			return nil, lines[i].wrap(err)
		}
	}
	return done, nil
}

func (o *addUser) claims(ac *account, name string, k key, spec *userSpec, by signer) (*jwt.UserClaims, error) {
	if b := spec.edit.Limits.Bearer; b != nil && *b && ac.claims.Limits.DisallowBearer {
		return nil, fmt.Errorf("account %q: does not allow bearer users", ac.name)
	}
	uc := claims.NewUser(k.public, name)
	if by.public != ac.claims.Subject {
		uc.IssuerAccount = ac.claims.Subject
	}
	if scope, ok := claims.ScopeOf(ac.claims, by.public); ok {
		if spec.edit.HasPermissions() {
			return nil, usagef("user %q: the role %q decides what it may do; permissions and limits cannot be given", name, scope.Role)
		}
		claims.Scope(uc)
	}
	if _, err := spec.edit.Apply(uc, o.env.Now()); err != nil {
		return nil, usageError{err}
	}
	return uc, nil
}

// noteLacking tells of users whose creds somebody else has to make.
func (o *addUser) noteLacking(done []entity) {
	switch names := withoutSeed(done); {
	case len(names) == 1:
		o.out.Notef("user %s has no creds file: its seed is not known here", names[0])
	case len(names) > 1:
		o.out.Notef("%d users have no creds files: their seeds are not known here: %s", len(names), firstOf(names, 5))
	}
}
