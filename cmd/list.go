package cmd

import (
	"errors"
	"fmt"
	"iter"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newList(a *app) *cobra.Command {
	c := newGroup("list", "List operators, accounts, users or keys", "  nkeep list accounts\n  nkeep list users -a ORDERS --json",
		newListOperators(a), newListAccounts(a), newListUsers(a), newListKeys(a))
	c.PersistentFlags().BoolVarP(&a.flags.longIDs, "long-ids", "W", false, "never abbreviate ids, however narrow the terminal")
	return c
}

// listed is an entry of a list. What could not be read is listed with the reason.
type listed struct {
	Name      string `json:"name"`
	ClaimName string `json:"claim_name,omitempty"` // where the token has another
	PublicKey string `json:"public_key"`
	Current   bool   `json:"current"`
	Error     string `json:"error,omitempty"`
}

// Row implements [render.Entry].
func (l listed) Row() render.Row {
	id := l.PublicKey
	if l.Error != "" {
		id = "unreadable: " + l.Error
	}
	name := l.Name
	if l.ClaimName != "" {
		name = fmt.Sprintf("%s (%s)", l.Name, l.ClaimName)
	}
	return render.Row{Cells: []string{name, id}, Current: l.Current}
}

func listColumns() []render.Column {
	return []render.Column{{Name: "Name"}, {Name: "Public Key", ID: true}}
}

// showItems lists what a store holds, as it is read; anything unreadable makes
// the command fail after everything has been listed. It returns how many there are.
func (a *app) showItems(title string, items iter.Seq2[jwtstore.Item, error], current string) (count int, err error) {
	unreadable := 0
	entries := func(yield func(listed, error) bool) {
		for it, err := range items {
			if err != nil {
				yield(listed{}, err)
				return
			}
			count++
			l := listedItem(it, current)
			if l.Error != "" {
				unreadable++
			}
			if !yield(l, nil) {
				return
			}
		}
	}
	if err := a.out.Show(render.List[listed]{Title: title, Columns: listColumns(), Entries: entries}); err != nil {
		return count, err
	}
	if unreadable > 0 {
		return count, checksError{fmt.Errorf("%d of %d cannot be read", unreadable, count)}
	}
	return count, nil
}

func listedItem(it jwtstore.Item, current string) listed {
	l := listed{Name: it.Name, PublicKey: it.Head.Subject, Current: it.Name == current}
	if it.Head.Name != "" && it.Head.Name != it.Name {
		l.ClaimName = it.Head.Name
	}
	if it.Err != nil {
		l.Error = reason(it.Err)
	}
	return l
}

// reason is an entity's problem without the entity, which stands beside it.
func reason(err error) string {
	if e, ok := errors.AsType[*jwtstore.EntityError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
