package cmd

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/dustin/go-humanize"
)

// kindCreds are creds among operators, accounts and users.
const kindCreds = "creds"

// expiration is when one token expires. The JSON names are nsc's, as are an
// expiry of 0 and an empty date for none; kind, stale, orphan and error are not.
type expiration struct {
	Resource       string `json:"resource"` // operator/account/user, or the path of creds
	Kind           string `json:"kind"`     // operator, account, user, creds
	ID             string `json:"id"`       // public key
	When           string `json:"when"`     // for people
	Expiry         int64  `json:"expiry"`   // Unix seconds
	ExpirationDate string `json:"expiration_date"`
	ExpiresSoon    bool   `json:"expires_soon"` // or has expired
	Expired        bool   `json:"expired"`
	Stale          bool   `json:"stale"`  // creds: not the present token of the user
	Orphan         bool   `json:"orphan"` // creds: the store has no such user
	Error          string `json:"error"`

	account, user string
}

func (e *expiration) expires(now, threshold time.Time) {
	at := time.Unix(e.Expiry, 0)
	e.When = humanize.RelTime(at, now, "ago", "from now")
	e.ExpirationDate = at.UTC().Format(time.RFC3339)
	e.Expired = !at.After(now)
	e.ExpiresSoon = e.Expired || at.Before(threshold)
}

func (e expiration) compare(other expiration) int {
	return cmp.Or(
		strings.Compare(e.account, other.account), strings.Compare(e.user, other.user),
		cmp.Compare(e.rank(), other.rank()), strings.Compare(e.Resource, other.Resource),
	)
}

// rank puts a user's token before its creds.
func (e expiration) rank() int {
	switch e.Kind {
	case jwtstore.KindOperator, jwtstore.KindAccount, jwtstore.KindUser:
		return 0
	}
	return 1
}

// mark says what deserves attention.
func (e expiration) mark() string {
	var marks []string
	switch {
	case e.Error != "":
		marks = append(marks, "unreadable: "+e.Error)
	case e.Expired:
		marks = append(marks, "expired")
	case e.ExpiresSoon:
		marks = append(marks, "soon")
	}
	switch {
	case e.Orphan:
		marks = append(marks, "no such user")
	case e.Stale:
		marks = append(marks, "not the present token")
	}
	return strings.Join(marks, ", ")
}

// expirationsView is when everything expires.
type expirationsView struct {
	Threshold string       `json:"expiration_threshold"`
	Report    []expiration `json:"report"`
}

// Text implements [render.View].
func (v expirationsView) Text(t *render.Text) {
	table := render.Table{Title: "Expirations", Columns: render.Columns("Resource", "Expires", "When", "")}
	expired, soon := 0, 0
	for _, e := range v.Report {
		table.Add(e.Resource, e.ExpirationDate, e.When, e.mark())
		switch {
		case e.Expired:
			expired++
		case e.ExpiresSoon:
			soon++
		}
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
	t.Linef("%d expired, %d more by %s", expired, soon, v.Threshold)
}

func (v expirationsView) err() error {
	unreadable := 0
	for _, e := range v.Report {
		if e.Error != "" {
			unreadable++
		}
	}
	if unreadable == 0 {
		return nil
	}
	return withHint(checksError{fmt.Errorf("expirations: %d cannot be read", unreadable)}, "see what is wrong with: nkeep validate -A")
}
