package cmd

import (
	"cmp"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
)

// connectionsView is who is connected.
type connectionsView struct {
	*serverRoll
	Connections []*connectionRow `json:"connections"`
	Truncated   bool             `json:"truncated"` // there were more than can be told
}

// connectionRow is one connection, joined with the store.
type connectionRow struct {
	resolver.Connection
	AccountName string   `json:"account_name"` // in the store; empty if it does not know it
	StoreName   string   `json:"store_user"`   // likewise
	Role        string   `json:"role"`         // of the key that signed, if it has one
	Marks       []string `json:"marks"`
	Refused     bool     `json:"refused_now"` // if it came again

	signedBy string
}

// arrange sorts by account, user and server, and may leave out what has no mark.
func (v *connectionsView) arrange(marked bool) {
	if marked {
		v.Connections = slices.DeleteFunc(v.Connections, func(r *connectionRow) bool { return len(r.Marks) == 0 })
	}
	slices.SortFunc(v.Connections, func(a, b *connectionRow) int {
		return cmp.Or(
			strings.Compare(a.account(), b.account()), strings.Compare(a.user(), b.user()),
			strings.Compare(a.Server.Name, b.Server.Name), cmp.Compare(a.ID, b.ID),
		)
	})
}

func (r *connectionRow) account() string { return orID(r.AccountName, r.Account) }

// user is the user's name in the store, or else its own name and its key.
func (r *connectionRow) user() string {
	switch {
	case r.StoreName != "":
		return r.StoreName
	case r.UserName != "":
		return r.UserName + " (" + shortKey(r.User) + ")"
	}
	return r.User
}

func (r *connectionRow) issuer() string { return orID(r.signedBy, shortKey(r.Issuer)) }

// marks are words for what deserves attention.
func (r *connectionRow) marks() string {
	words := make([]string, len(r.Marks))
	for i, m := range r.Marks {
		words[i] = map[string]string{
			markUnknownAccount: "account not in the store", markUnknownUser: "user not in the store", markNoToken: "no token",
			markRevoked: "revoked", markUnknownIssuer: "issuer is no key of the account", markOtherToken: "not the present token",
			markExpired: "expired", markExpiresSoon: "soon",
		}[m]
	}
	return strings.Join(words, ", ")
}

func (r *connectionRow) expires() string {
	if r.Expires.IsZero() {
		return "never"
	}
	return render.Time(r.Expires.Unix()).String()
}

// Text implements [render.View].
func (v *connectionsView) Text(t *render.Text) {
	table := render.Table{Title: "Connections to " + v.URL, Columns: render.Columns("Account", "User", "Issuer", "Tags", "Expires", "From", "Client", "Server", "")}
	marked, refused := 0, 0
	for _, r := range v.Connections {
		table.Add(r.account(), r.user(), r.issuer(), strings.Join(r.Tags, ", "), r.expires(), r.Host, strings.TrimSpace(r.Lang+" "+r.Version), r.Server.Name, r.marks())
		if len(r.Marks) > 0 {
			marked++
		}
		if r.Refused {
			refused++
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	t.Linef("%s, %d marked, %d would be refused now", english.Plural(len(v.Connections), "connection", ""), marked, refused)
	if v.Truncated {
		t.Colored(render.Yellow, "there are more than can be told: ask for one account with --account")
	}
	v.nameAbsent(t)
}
