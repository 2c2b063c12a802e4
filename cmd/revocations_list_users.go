package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

func newRevocationsListUsers(a *app) *cobra.Command {
	var account string
	c := &cobra.Command{
		Use:     "list-users",
		Aliases: []string{"list_users"},
		Short:   "List the revocations of users",
		Long: `List which users of an account are revoked, and until when their credentials were
issued that are. Where nobody is, the list is empty, which is no failure.`,
		Example: "  nkeep revocations list-users -a ORDERS\n  nkeep revocations list-users --json | jq -r '.[].public_key'",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listRevokedUsers(c.Context(), account) },
	}
	a.bindAccount(c, &account, "account")
	return c
}

// revoked is one revocation of users.
type revoked struct {
	PublicKey string      `json:"public_key"` // of a user, or * for all
	Users     []string    `json:"users"`      // that have the key, by name
	At        render.Time `json:"revoked_at"` // what was issued until then is revoked
	now       time.Time
}

// Row implements [render.Entry].
func (r revoked) Row() render.Row {
	names := strings.Join(r.Users, ", ")
	if r.PublicKey == jwt.All {
		names = "all users"
	}
	return render.Row{Cells: []string{r.PublicKey, names, r.At.When(r.now, "")}}
}

func (a *app) listRevokedUsers(ctx context.Context, named string) error {
	o := &describe{app: a}
	op, ac, err := o.lookAt(ctx, named)
	if err != nil {
		return err
	}
	names := map[string][]string{}
	if len(ac.claims.Revocations) > 0 {
		users, err := op.store.Users(ac.name)
		if err != nil {
			return err
		}
		for _, u := range users {
			names[u.Head.Subject] = append(names[u.Head.Subject], u.Name)
		}
	} else {
		a.out.Notef("account %q has nobody revoked", ac.name)
	}
	return a.out.Show(render.List[revoked]{
		Title:   "Revoked users of " + ac.name,
		Columns: []render.Column{{Name: "Public Key", ID: true}, {Name: "Name"}, {Name: "Issued Until"}},
		Entries: func(yield func(revoked, error) bool) {
			for _, key := range slices.Sorted(maps.Keys(ac.claims.Revocations)) {
				if !yield(revoked{key, names[key], render.Time(ac.claims.Revocations[key]), a.env.Now()}, nil) {
					return
				}
			}
		},
	})
}
