package cmd

import (
	"context"
	"strings"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateSecret struct {
	*app
	user, account        string
	name, namespace, key string
	base64               bool
	output               string
}

func newGenerateSecret(a *app) *cobra.Command {
	o := &generateSecret{app: a}
	c := &cobra.Command{
		Use:   "secret [USER]",
		Short: "Generate a Secret of Kubernetes with the creds of a user",
		Long: `Generate a Secret of Kubernetes that holds the creds of a user, for kubectl apply.
Under the key nats.creds, which is the default, the official NATS chart looks for
them. It is a secret: a file gets mode 0600, and replaces what was there.`,
		Example: `  nkeep generate secret shop -a ORDERS --namespace prod | kubectl apply -f -
  nkeep generate secret -a SYS sys --name nats-sys --key sys.creds -o sys.yaml`,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	optionalArg(c, &o.user)
	f := c.Flags()
	a.bindAccount(c, &o.account, "account of the user")
	f.StringVar(&o.name, "name", "", "name of the Secret (default the user's and -creds)")
	f.StringVar(&o.namespace, "namespace", "", "namespace of the Secret")
	f.StringVar(&o.key, "key", "nats.creds", "key of the creds in the Secret")
	f.BoolVar(&o.base64, "base64", false, "write the creds as data, in base64, instead of stringData")
	bindOutput(f, &o.output)
	c.ValidArgsFunction = a.complete(userNames)
	return c
}

func (o *generateSecret) run(ctx context.Context) error {
	w, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	ac, err := w.selectedAccount(op, o.account)
	if err != nil {
		return err
	}
	name, err := userNamed(op.store, ac.name, o.user)
	if err != nil {
		return err
	}
	secret, err := o.secret(w, op, ac, name)
	if err != nil {
		return err
	}
	if o.output == onStdout {
		return o.out.Show(secret)
	}
	data, err := secret.Encode()
	if err != nil {
		return err
	}
	defer clear(data)
	return o.deliverFile(o.output, data, 0o600, true)
}

func (o *generateSecret) secret(w *workspace, op *operator, ac *account, user string) (s render.KubeSecret, err error) {
	if o.name == "" {
		o.name = strings.ToLower(user) + "-creds"
		if err := render.CheckKubeName(o.name); err != nil {
			return s, withHint(usageError{err}, "choose another with --name")
		}
	}
	creds, err := w.freshCreds(op, ac, user)
	if err != nil {
		return s, err
	}
	defer clear(creds)
	if s, err = render.NewKubeSecret(o.name, o.namespace, o.key, creds, o.base64); err != nil {
		return s, usageError{err}
	}
	return s, nil
}
