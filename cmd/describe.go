package cmd

import (
	"encoding/json"
	"fmt"
	"os"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

// describe is what all describe commands share: how a token is shown.
type describe struct {
	*app
	raw    bool
	field  string
	output string
}

func newDescribe(a *app) *cobra.Command {
	o := &describe{app: a, output: "--"}
	c := newGroup("describe", "Show an operator, an account, a user or any token", "  nkeep describe account ORDERS\n  nkeep describe user shop --json",
		newDescribeOperator(o), newDescribeAccount(o), newDescribeUser(o), newDescribeJWT(o))
	f := c.PersistentFlags()
	f.BoolVarP(&o.raw, "raw", "R", false, "show the token itself")
	f.StringVarP(&o.field, "field", "F", "", "show one value of the claims, by its path: nats.limits.conn, nats.exports[0].name")
	f.BoolVarP(&a.flags.longIDs, "long-ids", "W", false, "show ids where names are known")
	for _, sub := range c.Commands() {
		bindOutput(sub.Flags(), &o.output)
	}
	return c
}

// show writes a token in the form that was asked for: the token itself, one
// field, or the view.
func (o *describe) show(token string, c jwt.Claims, view render.View) error {
	switch {
	case o.raw:
		return o.showRaw(token)
	case o.field != "":
		value, err := claims.Field(c, o.field)
		if err != nil {
			return withHint(err, "see all with --json")
		}
		return o.deliver(fieldView{value}, 0o600)
	}
	return o.deliver(view, 0o600)
}

// showRaw writes the token bare on stdout, and decorated into a file, as nsc does.
func (o *describe) showRaw(token string) error {
	if o.output == "--" {
		return o.out.Show(rawView{Token: token})
	}
	data, err := jwt.DecorateJWT(token)
	if err != nil {
		return fmt.Errorf("decorate the token: %w", err)
	}
	return o.deliverFile(o.output, data, 0o600, true)
}

func (o *describe) deliver(v render.View, perm os.FileMode) error {
	if o.output == "--" {
		return o.out.Show(v)
	}
	data, err := o.out.Render(v)
	if err != nil {
		return err
	}
	return o.deliverFile(o.output, data, perm, true)
}

// rawView is a bare token.
type rawView struct {
	Token string `json:"token"`
}

// Text implements [render.View].
func (v rawView) Text(t *render.Text) { t.Verbatim(v.Token + "\n") }

// fieldView is one value of claims, in JSON whatever form was asked for.
type fieldView struct{ value json.RawMessage }

// Text implements [render.View].
func (v fieldView) Text(t *render.Text) { t.Verbatim(string(v.value) + "\n") }

// MarshalJSON implements [json.Marshaler].
func (v fieldView) MarshalJSON() ([]byte, error) { return v.value, nil }
