package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nkeep/jwtstore"
	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateContext struct {
	*app
	name    string
	account string
	user    string
	force   bool
}

func newGenerateContext(a *app) *cobra.Command {
	o := &generateContext{app: a}
	c := &cobra.Command{
		Use:   "context",
		Short: "Generate a context of the nats command line tool",
		Long: `Generate a context of the nats command line tool: where the servers are, by the
service URLs of the operator, and with which creds file a user logs in. It is
written where nats looks for it, below the configuration directory of XDG, and
stands by itself when it is used.`,
		Example: `  nkeep generate context --context shop -a ORDERS -u shop
  nkeep generate context --context desk -a ORDERS -u desk --force`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.name == "" {
				return withHint(usagef("%s: needs the name of the context", commandName(c)), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&o.name, "context", "", "name of the context")
	a.bindAccount(c, &o.account, "account of the user")
	f.StringVarP(&o.user, "user", "u", "", "user that logs in, by name or public key")
	f.BoolVarP(&o.force, "force", "F", false, "replace an existing context")
	a.completeFlag(c, "user", userNames)
	return c
}

// newContext is what the nats tool is told. It has those of the tool's fields that
// work everywhere: nsc:// references work only where nsc is installed.
type newContext struct {
	URL   string `json:"url,omitempty"`
	Creds string `json:"creds"`
}

// contextView says what was written.
type contextView struct {
	Context string `json:"context"`
	File    string `json:"file"`
	newContext
}

// Text implements [render.View].
func (v contextView) Text(t *render.Text) {
	t.Linef("wrote %s", v.File)
	if v.URL != "" {
		t.Linef("  url   %s", v.URL)
	}
	t.Linef("  creds %s", v.Creds)
}

func (o *generateContext) run(ctx context.Context) error {
	v, err := o.describe(ctx)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(v.newContext, "", "  ")
	if err != nil {
		return fmt.Errorf("write context %q as JSON: %w", o.name, err)
	}
	// The mode of both is nsc's: there is nothing secret in a context.
	if err := os.MkdirAll(filepath.Dir(v.File), 0o755); err != nil { //nolint:gosec // it is the nats tool's directory, with the mode that nats gives it
		return fmt.Errorf("context %q: %w", o.name, err)
	}
	if err := render.WriteFile(v.File, append(data, '\n'), 0o644, o.force); err != nil {
		return hintIf(err, fs.ErrExist, "replace it with --force")
	}
	return o.out.Show(v)
}

// describe finds out what the context will hold, and where.
func (o *generateContext) describe(ctx context.Context) (v contextView, err error) {
	v.Context = strings.TrimSuffix(o.name, ".json")
	if err := jwtstore.CheckName(v.Context); err != nil {
		return v, usagef("--context: %w", err)
	}
	v.File = filepath.Join(o.contextDir(), v.Context+".json") // whatever flags say: they are about the store
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return v, err
	}
	ac, u, err := w.selectedUser(op, o.account, o.user)
	if err != nil {
		return v, err
	}
	if v.Creds, err = w.credsOf(op, ac, u); err != nil {
		return v, err
	}
	v.URL = strings.Join(op.claims.OperatorServiceURLs, ",")
	if v.URL == "" {
		o.out.Notef("operator %q: has no service URL, so that the context does not say where to connect; add one with: nkeep edit operator --service-url URL", op.store.Name)
	}
	return v, nil
}

// credsOf is the creds file of a user, which has to be there.
func (w *workspace) credsOf(op *operator, ac *account, u *user) (string, error) {
	file := w.ring.CredsPath(op.store.Name, ac.name, u.name)
	token, err := w.ring.CredsToken(op.store.Name, ac.name, u.name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", withHint(missingf("user %q: has no creds file at %q", u.name, file),
			"make it with: nkeep generate creds -a %q -n %q -o %q", ac.name, u.name, file)
	}
	if err != nil {
		return "", err
	}
	if token != u.token {
		w.app.out.Warnf("user %q: its creds file holds another token than the present one; see: nkeep doctor", u.name)
	}
	return file, nil
}
