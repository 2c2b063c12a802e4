package cmd

import (
	"path/filepath"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"

	"github.com/spf13/cobra"
)

func newRename(a *app) *cobra.Command {
	return newGroup("rename", "Rename an operator, an account or a user", "  nkeep rename account ORDERS SALES\n  nkeep rename user shop till -a ORDERS",
		newRenameOperator(a), newRenameAccount(a), newRenameUser(a))
}

// renaming is what is renamed, and its name from then on.
type renaming struct{ from, to string }

// args takes both names from the command line. The new one follows the rule for
// all names, and is another one.
func (r *renaming) args(kind string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 2 {
			return withHint(usagef("%s: needs the name of the %s and its new name, got %d", commandName(c), kind, len(args)), "for example:%s", firstExample(c))
		}
		r.from, r.to = args[0], args[1]
		if err := jwtstore.CheckName(r.to); err != nil {
			return usageError{err}
		}
		if r.from == "" {
			return required(c, kind)
		}
		return nil
	}
}

// said is the change of a name, for the report.
func (r renaming) said() claims.Change { return claims.Change{Field: "name", From: r.from, To: r.to} }

// moveUsers stages that the users of an account go along with it, those that are
// gone but for their creds included.
func (c *change) moveUsers(store *jwtstore.Store, from, to jwtstore.AccountRef) ([]entity, error) {
	users, err := c.w.usersOf(store, from.Account)
	if err != nil {
		return nil, err
	}
	all := users.all(disposal{creds: true})
	done := make([]entity, 0, len(all))
	for _, u := range all {
		e := entity{Action: actionMoved, Kind: jwtstore.KindUser, Name: u.name, Operator: to.Operator, Account: to.Account, PublicKey: u.key}
		if u.token {
			file, err := c.tokens.MoveUser(from, to, u.name)
			if err != nil {
				return nil, withHint(err, "look at what lies at %q", store.UserPath(to.Account, u.name))
			}
			e.file("token", file)
		}
		if u.creds {
			file, err := c.moveCreds(keystore.Owner{Operator: from.Operator, Account: from.Account, User: u.name},
				keystore.Owner{Operator: to.Operator, Account: to.Account, User: u.name})
			if err != nil {
				return nil, err
			}
			e.file("creds", file)
		}
		done = append(done, e)
	}
	return done, nil
}

// moveCreds stages that a creds file goes to where nobody else's may lie.
func (c *change) moveCreds(from, to keystore.Owner) (string, error) {
	file, err := c.keys.MoveCreds(from, to)
	return file, withHint(err, "the creds are those of a user that is gone: move them elsewhere, or remove them")
}

// reselect lets the saved selection follow an account, or an operator, that has
// another name now.
func (c *change) reselect(from, to jwtstore.AccountRef) error {
	saved, ok, err := c.w.savedHere(from.Operator)
	if err != nil || !ok {
		return err
	}
	if from.Account == "" || saved.Account != from.Account {
		to.Account = saved.Account
		if from.Operator == to.Operator {
			return nil
		}
	}
	return c.choose(to.Operator, to.Account)
}

// noteMoved says who has to hear of creds that lie elsewhere now.
func (a *app) noteMoved(done []entity) {
	creds := 0
	for _, e := range done {
		for _, f := range e.Files {
			if f.What == "creds" {
				creds++
			}
		}
	}
	if creds > 0 {
		a.out.Notef("creds files have moved: %d; whoever names one by its path, a nats context included, has to name the new one", creds)
	}
}

// noteLeft tells of a directory that nobody needs any more, and that yet stays
// because of what else is in it. Named is the file that was there.
func (a *app) noteLeft(named string) {
	if dir := filepath.Dir(named); exists(dir) {
		a.out.Warnf("directory %q stays, for it holds what is not nkeep's", dir)
	}
}
