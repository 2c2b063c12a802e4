package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"nkeep/claims"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

type generateActivation struct {
	*app
	account string
	target  string
	output  string
	push    bool
	kind    jwt.ExportType
	spec    claims.ActivationSpec
}

func newGenerateActivation(a *app) *cobra.Command {
	o := &generateActivation{app: a}
	c := &cobra.Command{
		Use:   "activation",
		Short: "Generate the token with which an account can import a private export",
		Long: `Generate an activation: a token with which another account can import a private
export, or the part of it that the subject names. It is signed by a key of the account
that exports, and says for whom it is, so that nobody else can use it. It is good
until it expires, or until it is revoked: see nkeep revocations add-activation.

Nothing is stored. The other account takes it with: nkeep add import --token FILE

With --push it also goes to the operator's HTTP account server, for account servers
that hand activations out. It is printed or written either way, and what the server
said is on stderr; when it did not take it, the exit code is 1.`,
		Example: `  nkeep generate activation -a ORDERS -s prices.get -t SHOP -o prices.jwt
  nkeep generate activation -s "audit.eu.>" -t ABOKSX73XSHTTFLTOFM6JAJBPCPT6XI7VYL5SAWRHVYL4EN5256CHTWY --expiry 1y`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.target == "" {
				return withHint(usagef("%s: needs the account that may import", commandName(c)), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	a.bindCertificates(c)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that exports")
	f.StringVarP(&o.spec.Subject, "subject", "s", "", "subject that may be imported: a private export or a part of one; may be left out when there is one only")
	f.StringVarP(&o.target, "target-account", "t", "", "account that may import, by name or public key")
	bindOutput(f, &o.output)
	f.BoolVar(&o.push, "push", false, "hand it to the operator's HTTP account server, too")
	bindService(f, "", "of a service; =false for a stream", func(t jwt.ExportType) { o.kind = t })
	a.bindTimes(f, &o.spec.Times)
	a.completeAccounts(c, "target-account")
	a.completeExports(c)
	return c
}

// activationView is an activation, asked for on stdout.
type activationView struct {
	Account string               `json:"account"` // that exports
	Expires render.Time          `json:"expires"`
	HashID  string               `json:"hash_id"` // by which account servers keep it
	Issuer  string               `json:"issuer"`
	Subject string               `json:"subject"`
	Target  string               `json:"target"` // public key
	Token   string               `json:"token"`
	Type    string               `json:"type"`
	Push    *resolver.HTTPResult `json:"push,omitempty"` // what an account server said
	file    []byte               // the token decorated
}

// Text implements [render.View].
func (v activationView) Text(t *render.Text) { t.Verbatim(string(v.file)) }

func (o *generateActivation) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	ac, err := w.selectedAccount(op, o.account)
	if err != nil {
		return err
	}
	if o.push && !isHTTP(op.claims.AccountServerURL) {
		return withHint(usagef("--push: operator %q has no HTTP account server", op.store.Name), "it has one once its URL is set: nkeep edit operator --account-jwt-server-url https://HOST/jwt/v1")
	}
	v, err := o.generate(w, op, ac)
	if err != nil {
		return err
	}
	var unpushed error
	if o.push {
		v.Push, unpushed = o.pushTo(ctx, op.claims.AccountServerURL, v.Token)
	}
	if o.output == onStdout {
		err = o.out.Show(v)
	} else {
		err = o.deliverFile(o.output, v.file, 0o600, true)
	}
	return cmp.Or(err, unpushed)
}

// pushTo hands an activation to an account server.
func (o *generateActivation) pushTo(ctx context.Context, base, token string) (*resolver.HTTPResult, error) {
	h, err := o.http(0)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	result, err := h.PostActivation(ctx, base, token)
	if err != nil {
		return nil, withHint(fmt.Errorf("push the activation: %w", err), "the token is good all the same: hand it over yourself")
	}
	switch result.Outcome {
	case resolver.Stored:
		o.out.Notef("the account server at %s took the activation", resolver.Redact(base))
	case resolver.Deferred:
		o.out.Warnf("the account server at %s has not decided about the activation yet%s", resolver.Redact(base), inItsWords(result.Message))
	default:
		return &result, withHint(fmt.Errorf("push the activation: the account server at %s refused it with status %d%s", resolver.Redact(base), result.Status, inItsWords(result.Message)),
			"the token is good all the same: hand it over yourself; with status 404, this server keeps no activations")
	}
	return &result, nil
}

func (o *generateActivation) generate(w *workspace, op *operator, ac *account) (v activationView, err error) {
	if _, o.spec.Target, err = op.otherAccount(o.target); err != nil {
		return v, err
	}
	x, err := o.export(ac)
	if err != nil {
		return v, err
	}
	o.spec.Subject = cmp.Or(o.spec.Subject, string(x.Subject))
	act, err := claims.NewActivation(ac.claims, x, o.spec, o.env.Now())
	if err != nil {
		return v, badEdit(err)
	}
	by, err := w.activationSigner(op, ac)
	if err != nil {
		return v, err
	}
	token, err := by.activation(act, ac.claims.Subject)
	if err != nil {
		return v, err
	}
	return newActivationView(ac, act, token)
}

// export is the private export that contains the subject, or the only one there is.
// Public ones count when there is no other, to be refused: they need no activation.
func (o *generateActivation) export(ac *account) (*jwt.Export, error) {
	found := claims.FindExports(ac.claims, claims.ExportRef{Type: o.kind})
	if o.spec.Subject != "" {
		found = claims.ExportsWith(ac.claims, o.spec.Subject, o.kind)
	}
	found = slices.DeleteFunc(found, func(i int) bool { return !ac.claims.Exports[i].TokenReq })
	switch {
	case len(found) == 1:
		return ac.claims.Exports[found[0]], nil
	case o.spec.Subject == "" && len(found) == 0:
		return nil, withHint(missingf("export: account %q has none that is private", ac.name), "add one with: nkeep add export -a %q -s SUBJECT --private", ac.name)
	case o.spec.Subject == "":
		return nil, withHint(usagef("export: account %q has %d that are private, and none is named", ac.name, len(found)), "name one with -s SUBJECT: %s", ac.exportsAt(found))
	}
	i, err := ac.exportWith(o.spec.Subject, o.kind)
	if err != nil {
		return nil, err
	}
	return ac.claims.Exports[i], nil
}

func newActivationView(ac *account, act *jwt.ActivationClaims, token string) (v activationView, err error) {
	v = activationView{
		Account: ac.name, Expires: render.Time(act.Expires), Issuer: act.Issuer, Subject: string(act.ImportSubject),
		Target: act.Subject, Token: token, Type: act.ImportType.String(),
	}
	if v.HashID, err = act.HashID(); err != nil {
		return v, err
	}
	v.file, err = jwt.DecorateJWT(token)
	return v, err
}

// activationSigner signs activations for exports of the account. Scoped keys, which
// are for users, do not.
func (w *workspace) activationSigner(o *operator, ac *account) (signer, error) {
	plain, _ := claims.UserSigners(o.claims, ac.claims)
	return w.signer(choice{what: fmt.Sprintf("activation of account %q", ac.name), candidates: plain})
}

// activation signs an activation on behalf of an account, a public key.
func (s signer) activation(act *jwt.ActivationClaims, exporter string) (string, error) {
	token, err := claims.EncodeActivation(act, exporter, s.public, s.sign)
	if err != nil {
		return "", fmt.Errorf("sign activation %q: %w", act.Name, err)
	}
	return token, nil
}
