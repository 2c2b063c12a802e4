package cmd

import (
	"context"
	"io/fs"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateHelmValues struct {
	generateConfig
	helm render.HelmOptions
}

func newGenerateHelmValues(a *app) *cobra.Command {
	o := &generateHelmValues{generateConfig: generateConfig{app: a}}
	c := &cobra.Command{
		Use:   "helm-values",
		Short: "Generate values of the official NATS chart for Helm",
		Long: `Generate values of the official NATS chart, nats/nats since version 1.0, by which
its servers trust the current operator. They have a full resolver, which takes
pushes and holds the system account to begin with, or with --mem-resolver all
accounts, for good. Give them to helm beside your own: the last value counts.`,
		Example: `  nkeep generate helm-values --replicas 3 --jetstream -o auth.yaml && helm install nats nats/nats -f auth.yaml
  nkeep generate helm-values --mem-resolver`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.BoolVar(&o.memory, "mem-resolver", false, "memory resolver, with all accounts in the values")
	o.bindSystem(c)
	f.IntVar(&o.helm.Replicas, "replicas", 0, "make a cluster of that many servers")
	f.BoolVar(&o.helm.JetStream, "jetstream", false, "turn JetStream on")
	bindOutput(f, &o.output)
	f.BoolVarP(&o.force, "force", "F", false, "replace an existing file")
	return c
}

func (o *generateHelmValues) run(ctx context.Context) error {
	if o.helm.Replicas < 0 {
		return usagef("--replicas: is negative")
	}
	_, op, err := o.openOperator(ctx)
	if err != nil {
		return err
	}
	o.full = !o.memory
	if err := o.fill(ctx, op); err != nil {
		return err
	}
	v, err := render.NewHelmValues(o.conf, o.helm)
	if err != nil {
		return usageError{err}
	}
	if o.output == onStdout {
		return o.out.Show(v)
	}
	data, err := v.Encode()
	if err != nil {
		return err
	}
	err = o.deliverFile(o.output, data, 0o600, o.force)
	return hintIf(err, fs.ErrExist, "replace it with --force")
}
