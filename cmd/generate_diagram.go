package cmd

import (
	"context"
	"errors"
	"fmt"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

// diagrams are the flags of all diagrams.
type diagrams struct {
	*app
	format string
	detail bool
	output string
}

func newGenerateDiagram(a *app) *cobra.Command {
	return newGroup("diagram", "Generate diagrams of accounts, and of what they share",
		"  nkeep generate diagram component --format mermaid\n  nkeep generate diagram object --users -o operator.puml",
		newGenerateDiagramComponent(a), newGenerateDiagramObject(a))
}

func (o *diagrams) bind(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.format, "format", string(render.PlantUML), "language of the diagram: plantuml, mermaid or dot")
	bindOutput(f, &o.output)
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(render.DiagramFormats(), cobra.ShellCompDirectiveNoFileComp))
}

// diagramView is a diagram, asked for on stdout.
type diagramView struct {
	Format  string `json:"format"`
	Diagram string `json:"diagram"`
}

// Text implements [render.View].
func (v diagramView) Text(t *render.Text) { t.Verbatim(v.Diagram) }

func (o *diagrams) deliver(d render.Diagram) error {
	data, err := d.Encode(render.DiagramFormat(o.format))
	if err != nil {
		return usageError{err}
	}
	if o.output == onStdout {
		return o.out.Show(diagramView{o.format, string(data)})
	}
	return o.deliverFile(o.output, data, 0o600, true)
}

// accounts reads all accounts of an operator, to be drawn; with users if they are.
func (o *diagrams) accounts(ctx context.Context, op *operator, users bool) ([]render.DiagramAccount, error) {
	names, err := op.store.AccountNames()
	if err != nil {
		return nil, err
	}
	accounts := make([]render.DiagramAccount, len(names))
	err = inParallel(ctx, len(names), func(i int) (err error) {
		accounts[i], err = o.account(op, names[i], users)
		return err
	})
	return accounts, err
}

// account reads one account. What is amiss with it is drawn beside it, were it
// that it cannot be read.
func (o *diagrams) account(op *operator, name string, users bool) (d render.DiagramAccount, err error) {
	ac, amiss := op.readAccount(name)
	if isTrustError(amiss) {
		ac, err = op.unverifiedAccount(name)
	}
	if ac == nil {
		return render.DiagramAccount{Name: name, Issues: []string{errors.Join(amiss, err).Error()}}, nil
	}
	d = render.DiagramAccount{Name: name, Claims: ac.claims, Issues: o.issues(ac.claims, amiss)}
	if !users {
		return d, nil
	}
	names, err := op.store.UserNames(name)
	if err != nil {
		return d, err
	}
	for _, name := range names {
		d.Users = append(d.Users, o.user(op, ac, name))
	}
	return d, nil
}

func (o *diagrams) user(op *operator, ac *account, name string) render.DiagramUser {
	u, amiss := op.readUser(ac, name)
	var err error
	if isTrustError(amiss) {
		u, err = op.unverifiedUser(ac, name)
	}
	if u == nil {
		return render.DiagramUser{Name: name, Issues: []string{errors.Join(amiss, err).Error()}}
	}
	return render.DiagramUser{Name: name, Claims: u.claims, Issues: o.issues(u.claims, amiss)}
}

// issues are what is amiss with claims, and why they are not to be trusted.
func (o *diagrams) issues(c jwt.Claims, amiss error) []string {
	var out []string
	if trust, ok := errors.AsType[*claims.TrustError](amiss); ok {
		out = append(out, trust.Reason)
	}
	for _, i := range claims.Check(c, o.env.Now()) {
		out = append(out, fmt.Sprintf("%s: %s", i.Level, i.Text))
	}
	return out
}
