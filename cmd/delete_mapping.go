package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/spf13/cobra"
)

type deleteMapping struct {
	*app
	account string
	ref     claims.MappingRef
}

func newDeleteMapping(a *app) *cobra.Command {
	o := &deleteMapping{app: a}
	c := &cobra.Command{
		Use:   "mapping",
		Short: "Delete the mapping of a subject, or some of its targets",
		Long: `Delete the mapping of a subject of an account, and sign the account again with the
key that issued it. With --to only that target goes, with --cluster only the
targets of that cluster; --cluster "" means those that are for all others.`,
		Example: `  nkeep delete mapping -f orders.new
  nkeep delete mapping -a ORDERS -f orders.new -t orders.v2.new
  nkeep delete mapping -f "orders.>" --cluster west`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.ref.From == "" {
				return withHint(usagef("%s: needs --from, the subject that is mapped", commandName(c)), "for example:%s", firstExample(c))
			}
			if c.Flags().Changed("to") && o.ref.To == "" {
				return usagef("--to: is empty")
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that maps")
	f.StringVarP(&o.ref.From, "from", "f", "", "subject whose mapping to delete")
	f.StringVarP(&o.ref.To, "to", "t", "", "target to delete")
	bindString(f, &o.ref.Cluster, "cluster", "", "cluster whose targets to delete")
	a.completeFlag(c, "from", ofAccount("account", mapped))
	a.completeFlag(c, "to", ofAccount("account", targets))
	a.completeFlag(c, "cluster", ofAccount("account", mappedClusters))
	a.bindPush(c)
	return c
}

func (o *deleteMapping) run(ctx context.Context) error {
	return o.changeMapping(ctx, o.account, o.ref.From, claims.MappingEdit{Remove: []claims.MappingRef{o.ref}}, func(*account) string { return actionDeleted })
}
