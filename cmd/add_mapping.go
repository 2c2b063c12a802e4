package cmd

import (
	"context"

	"nkeep/claims"

	"github.com/spf13/cobra"
)

type addMapping struct {
	*app
	account string
	target  claims.MappingTarget
}

func newAddMapping(a *app) *cobra.Command {
	o := &addMapping{app: a}
	c := &cobra.Command{
		Use:   "mapping",
		Short: "Map a subject of an account to another",
		Long: `Let messages that are published to one subject go to another, and sign the account
again with the key that issued it. A subject may have several targets, each of
which gets its share of the messages; what is left of 100 percent stays on the
subject itself. In clusters that have targets of their own these take the place of
the others. A target that is there gets the new weight.

A target takes tokens out of the subject, in their places: $1 is what the first *
stands for. Servers know functions, too, such as {{wildcard(1)}}, {{partition(10,1)}}
or {{split(1,-)}}. What a server would refuse is refused here. Whoever publishes needs
the permission to publish to the target.`,
		Example: `  nkeep add mapping -f orders.new -t orders.v2.new
  nkeep add mapping -a ORDERS -f "orders.*" -t "orders.v2.{{wildcard(1)}}" --weight 10
  nkeep add mapping -f "orders.>" -t "west.orders.>" --cluster west`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.target.From == "" || o.target.To == "" {
				return withHint(usagef("%s: needs --from and --to", commandName(c)), "for example:%s", firstExample(c))
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	a.bindAccount(c, &o.account, "account that maps")
	f.StringVarP(&o.target.From, "from", "f", "", "subject that messages are published to")
	f.StringVarP(&o.target.To, "to", "t", "", "subject that they go to")
	f.Uint8Var(&o.target.Weight, "weight", 0, "percentage of the messages that go there; 0 for all, as without it")
	f.StringVar(&o.target.Cluster, "cluster", "", "cluster in which the target holds")
	a.completeFlag(c, "from", ofAccount("account", mapped))
	a.completeFlag(c, "cluster", ofAccount("account", mappedClusters))
	a.bindPush(c)
	return c
}

func (o *addMapping) run(ctx context.Context) error {
	t := o.target
	return o.changeMapping(ctx, o.account, t.From, claims.MappingEdit{Set: []claims.MappingTarget{t}}, func(ac *account) string {
		if claims.HasMapping(ac.claims, t) {
			return actionEdited
		}
		return actionAdded
	})
}
