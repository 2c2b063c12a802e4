package cmd

import (
	"context"

	"nkeep/keystore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

func newGenerateCreds(a *app) *cobra.Command {
	var name, account, output string
	c := &cobra.Command{
		Use:     "creds [NAME]",
		Short:   "Generate the creds of a user",
		Long:    "Generate the creds of a user from its token and its key, which must be stored.\nCreds are a secret: a file gets mode 0600, and replaces what was there.",
		Example: "  nkeep generate creds -a ORDERS -n shop -o shop.creds",
		RunE:    func(c *cobra.Command, _ []string) error { return a.generateCreds(c.Context(), account, name, output) },
	}
	nameArg(c, &name, "user, by name or public key")
	a.bindAccount(c, &account, "account of the user")
	bindOutput(c.Flags(), &output)
	a.completeName(c, userNames)
	return c
}

// credsView is the content of a creds file, asked for on stdout.
type credsView struct {
	Account string `json:"account"`
	User    string `json:"user"`
	Creds   string `json:"creds"`
}

// Text implements [render.View].
func (v credsView) Text(t *render.Text) { t.Verbatim(v.Creds) }

func (a *app) generateCreds(ctx context.Context, account, named, output string) error {
	w, op, err := a.openOperator(ctx)
	if err != nil {
		return err
	}
	ac, err := w.selectedAccount(op, account)
	if err != nil {
		return err
	}
	name, err := userNamed(op.store, ac.name, named)
	if err != nil {
		return err
	}
	data, err := w.freshCreds(op, ac, name)
	if err != nil {
		return err
	}
	defer clear(data)
	if output == "--" {
		return a.out.Show(credsView{ac.name, name, string(data)})
	}
	return a.deliverFile(output, data, 0o600, true)
}

// freshCreds makes the creds of a user from its token and its key.
func (w *workspace) freshCreds(op *operator, ac *account, user string) ([]byte, error) {
	u, err := op.user(ac, user)
	if err != nil {
		return nil, err
	}
	kp, err := w.ring.Get(u.claims.Subject)
	if err != nil {
		return nil, withHint(err, "creds need the seed of the user: a user whose seed is lost has to be made anew")
	}
	defer kp.Wipe()
	return keystore.Format(u.token, kp)
}
