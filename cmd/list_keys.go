package cmd

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type listKeys struct {
	*app
	unreadable                      int // accounts and users
	operators, accounts, users, all bool
	account, user, filter           string
	notReferenced, seeds            bool
}

func newListKeys(a *app) *cobra.Command {
	o := &listKeys{app: a}
	c := &cobra.Command{
		Use:     "keys",
		Aliases: []string{"key"},
		Short:   "List keys, and whether they are stored",
		Long: `List the keys of the operator and the current account, or of all accounts, and
whether their seeds are in the keystore. --not-referenced lists stored keys that
nothing in any store uses.`,
		Example: "  nkeep list keys\n  nkeep list keys -A --json\n  nkeep list keys --not-referenced",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.BoolVarP(&o.operators, "operator", "o", false, "list the operator's keys")
	f.BoolVarP(&o.accounts, "accounts", "a", false, "list keys of accounts")
	f.BoolVarP(&o.users, "users", "u", false, "list keys of users")
	f.BoolVarP(&o.all, "all", "A", false, "list keys of all accounts")
	f.StringVar(&o.account, "account", "", "list keys of this account")
	f.StringVar(&o.user, "user", "", "list keys of this user")
	f.StringVarP(&o.filter, "filter", "f", "", "list public keys that contain this")
	f.BoolVar(&o.notReferenced, "not-referenced", false, "list stored keys that nothing uses")
	f.BoolVarP(&o.seeds, "show-seeds", "S", false, "show the seeds")
	exclusive(c, "not-referenced", "show-seeds")
	a.completeAccounts(c, "account")
	a.completeFlag(c, "user", userNames)
	a.completeFlag(c, "filter", keyNames)
	return c
}

// keyRow is one key. The JSON names are nsc's.
type keyRow struct {
	Name     string `json:"name"`
	Public   string `json:"pub"`
	Parent   string `json:"parent,omitempty"`
	Signing  bool   `json:"signing"`
	Curve    bool   `json:"curve"`
	KeyPath  string `json:"key_path"`
	Invalid  bool   `json:"invalid"`
	JWT      string `json:"jwt,omitempty"` // base64 of the token
	Expected string `json:"expected_kind"`
	Seed     string `json:"seed,omitempty"`
}

// Row implements [render.Entry].
func (k keyRow) Row() render.Row {
	signing, stored := "", ""
	switch {
	case k.Curve:
		signing = "T"
	case k.Signing:
		signing = "*"
	}
	switch {
	case k.Invalid:
		stored = "BAD"
	case k.KeyPath != "":
		stored = "*"
	}
	shown := k.Public
	if k.Seed != "" {
		shown = k.Seed
	}
	return render.Row{Cells: []string{k.Name, shown, signing, stored}}
}

func (o *listKeys) run(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	var rows []keyRow
	if o.notReferenced {
		rows, err = w.unreferencedKeys()
	} else {
		rows, err = o.referenced(w)
	}
	if err != nil {
		return err
	}
	var shown []keyRow
	for _, r := range rows {
		if !o.wants(r) {
			continue
		}
		if err := w.fillStored(&r, o.seeds); err != nil {
			o.out.Warnf("%v", err)
		}
		shown = append(shown, r)
	}
	err = o.out.Show(render.List[keyRow]{
		Title:   "Keys",
		Columns: []render.Column{{Name: "Entity"}, {Name: "Key", ID: true}, {Name: "Signing Key"}, {Name: "Stored"}},
		Entries: func(yield func(keyRow, error) bool) {
			for _, r := range shown {
				if !yield(r, nil) {
					return
				}
			}
		},
	})
	if err == nil && o.unreadable > 0 {
		return withHint(checksError{fmt.Errorf("keys of %d cannot be told", o.unreadable)}, "find out what is wrong with: nkeep validate -A")
	}
	return err
}

func (o *listKeys) referenced(w *workspace) ([]keyRow, error) {
	op, err := w.operator("")
	if err != nil {
		return nil, err
	}
	names := []string{}
	if o.all {
		names, err = op.store.AccountNames()
	} else if name, nameErr := w.accountName(op.store, o.account); nameErr == nil {
		names = []string{name}
	} else if o.account != "" {
		err = nameErr
	}
	if err != nil {
		return nil, err
	}
	return op.keys(names, func(err error) error {
		if !o.all {
			return err
		}
		o.unreadable++
		o.out.Warnf("%v", err)
		return nil
	})
}

func (o *listKeys) wants(r keyRow) bool {
	if !strings.Contains(r.Public, strings.ToUpper(o.filter)) || o.user != "" && (r.Expected != jwtstore.KindUser || r.Name != o.user) {
		return false
	}
	if !o.operators && !o.accounts && !o.users {
		return true
	}
	return o.operators && r.Expected == jwtstore.KindOperator || o.accounts && r.Expected == jwtstore.KindAccount || o.users && r.Expected == jwtstore.KindUser
}

// fillStored adds what the keystore knows of a key.
func (w *workspace) fillStored(r *keyRow, seeds bool) error {
	ok, err := w.ring.Has(r.Public)
	if err != nil || !ok {
		return err
	}
	r.KeyPath = w.ring.Path(r.Public)
	kp, err := w.ring.Get(r.Public)
	if err != nil {
		r.Invalid = true
		return err
	}
	defer kp.Wipe()
	if !seeds {
		return nil
	}
	seed, err := kp.Seed()
	if err != nil {
		return fmt.Errorf("key %q: %w", r.Public, err)
	}
	r.Seed = string(seed)
	return nil
}

func encodedToken(token string) string { return base64.StdEncoding.EncodeToString([]byte(token)) }

// kindOf is the kind of entity that a public key can belong to.
func kindOf(public string) string { return nkeys.Prefix(public).String() }
