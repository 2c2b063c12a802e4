package render

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Names resolves the public key of an operator, account or user to its name, or to nothing if it is not known. A nil Names
// knows none, which is how a view shows ids only.
type Names func(id string) string

// full returns the id with the name behind it, if there is one.
func (n Names) full(id string) string {
	if n == nil || id == "" || n(id) == "" {
		return id
	}
	return id + " / " + n(id)
}

// short returns the name, or the id of what has none.
func (n Names) short(id string) string {
	if n == nil || n(id) == "" {
		return id
	}
	return n(id)
}

// claimsView shows claims: as JSON the body of the token as it is signed, as text whatever the kind of claims asks for.
type claimsView struct {
	claims jwt.Claims
	text   func(*Text)
}

// Text implements [View].
func (v claimsView) Text(t *Text) { v.text(t) }

// MarshalJSON implements [json.Marshaler].
func (v claimsView) MarshalJSON() ([]byte, error) { return json.Marshal(v.claims) }

// Token shows claims of any kind. Those of operators, accounts and users look as in [Operator], [Account] and [User].
func Token(c jwt.Claims, names Names, now time.Time) View {
	switch c := c.(type) {
	case *jwt.OperatorClaims:
		return Operator(c, names, now)
	case *jwt.AccountClaims:
		return Account(c, names, now)
	case *jwt.UserClaims:
		return user(c, nil, true, names, now)
	case *jwt.ActivationClaims:
		return activation(c, names, now)
	default:
		return generic(c, names, now)
	}
}

func activation(c *jwt.ActivationClaims, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		var f fields
		f.identity("Import", "Account ID", c.Claims(), names, now)
		f.optional(labelIssuerAccount, names.full(c.IssuerAccount))
		f.add(labelType, c.ImportType.String())
		f.add(labelSubject, string(c.ImportSubject))
		f.set(labelTags, c.Tags)
		t.Fields(labelActivation, f)
	}}
}

func generic(c jwt.Claims, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		var f fields
		f.identity(labelName, labelSubject, c.Claims(), names, now)
		f.add(labelType, string(c.ClaimType()))
		t.Fields("Token Details", f)
		payload, err := encodeJSON(c.Payload(), "", "")
		if err != nil {
			t.fail(err)
			return
		}
		for line := range strings.Lines(string(payload)) {
			t.Linef("%s", strings.TrimSuffix(line, "\n"))
		}
	}}
}

// fields are the rows of a table of names and values.
type fields [][2]string

func (f *fields) add(name, value string) {
	*f = append(*f, [2]string{name, value})
}

func (f *fields) optional(name, value string) {
	if value != "" {
		f.add(name, value)
	}
}

// list adds a row for each value; only the first has the name.
func (f *fields) list(name string, values []string) {
	for _, value := range values {
		f.add(name, value)
		name = ""
	}
}

// set adds values whose order in the token means nothing, sorted.
func (f *fields) set(name string, values []string) {
	f.list(name, slices.Sorted(slices.Values(values)))
}

func (f *fields) yesNo(name string, yes bool) {
	f.add(name, yesNo(yes))
}

// identity adds what every token says about itself; name and id are what its name and subject are called.
func (f *fields) identity(name, id string, c *jwt.ClaimsData, names Names, now time.Time) {
	f.add(name, c.Name)
	f.add(id, c.Subject)
	f.add(labelIssuer, names.full(c.Issuer))
	f.add(labelIssued, Time(c.IssuedAt).When(now, "Unknown"))
	f.optional(labelValidFrom, Time(c.NotBefore).When(now, ""))
	f.add(labelExpires, Time(c.Expires).When(now, "Never"))
}

func yesNo(yes bool) string {
	if yes {
		return "Yes"
	}
	return "No"
}
