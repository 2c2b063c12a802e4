package cmd

import (
	"slices"
	"strings"

	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

// kindCurve is the kind of keys that encrypt, which are no entity's identity.
const kindCurve = "curve"

// keySelector says which keys a command is about.
type keySelector struct {
	operators, accounts, users, curves, all bool
	account, user, curve, filter            string
	notReferenced                           bool
	unreadable                              int // accounts and users whose keys cannot be told
}

func (s *keySelector) bind(a *app, c *cobra.Command) {
	f := c.Flags()
	f.BoolVarP(&s.operators, "operator", "o", false, "keys of the operator")
	f.BoolVarP(&s.accounts, "accounts", "a", false, "keys of accounts")
	f.BoolVarP(&s.users, "users", "u", false, "keys of users")
	f.BoolVarP(&s.all, "all", "A", false, "keys of all accounts")
	f.StringVar(&s.account, "account", "", "keys of this account")
	f.StringVar(&s.user, "user", "", "the key of this user")
	f.StringVarP(&s.filter, "filter", "f", "", "public keys that contain this")
	f.BoolVar(&s.notReferenced, "not-referenced", false, "stored keys that nothing uses")
	a.completeAccounts(c, "account")
	a.completeFlag(c, "user", userNames)
	a.completeFlag(c, "filter", keyNames)
}

// keys are the keys that are selected, without what the keystore knows of them.
func (s *keySelector) keys(w *workspace) ([]keyRow, error) {
	find := s.referenced
	if s.notReferenced {
		find = (*workspace).unreferencedKeys
	}
	rows, err := find(w)
	if err != nil {
		return nil, err
	}
	if !s.notReferenced && s.user != "" && !slices.ContainsFunc(rows, s.isUser) {
		return nil, withHint(missingf("user %q: not found", s.user), "list the users of an account with: nkeep list users -a NAME")
	}
	return slices.DeleteFunc(rows, func(r keyRow) bool { return !s.wants(r) }), nil
}

func (s *keySelector) isUser(r keyRow) bool {
	return r.Expected == jwtstore.KindUser && r.Name == s.user
}

func (s *keySelector) referenced(w *workspace) ([]keyRow, error) {
	op, err := w.operator("")
	if err != nil {
		return nil, err
	}
	names := []string{}
	if s.all {
		names, err = op.store.AccountNames()
	} else if name, nameErr := w.accountName(op.store, s.account); nameErr == nil {
		names = []string{name}
	} else if s.account != "" {
		err = nameErr
	}
	if err != nil {
		return nil, err
	}
	return op.keys(names, func(err error) error {
		if !s.all {
			return err
		}
		s.unreadable++
		w.app.out.Warnf("%v", err)
		return nil
	})
}

func (s *keySelector) wants(r keyRow) bool {
	return strings.Contains(r.Public, strings.ToUpper(s.filter)) &&
		(s.user == "" || s.isUser(r)) &&
		(s.curve == "" || r.Public == s.curve) &&
		s.wantsKind(r.Expected)
}

// wantsKind takes any kind when none is named.
func (s *keySelector) wantsKind(kind string) bool {
	named := map[string]bool{jwtstore.KindOperator: s.operators, jwtstore.KindAccount: s.accounts, jwtstore.KindUser: s.users, kindCurve: s.curves}
	return named[kind] || !s.operators && !s.accounts && !s.users && !s.curves
}
