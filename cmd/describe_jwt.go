package cmd

import (
	"context"
	"fmt"

	"nkeep/render"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

func newDescribeJWT(o *describe) *cobra.Command {
	var source string
	c := &cobra.Command{
		Use:   "jwt",
		Short: "Show any token: a file, creds or a URL",
		Long: `Show any token, bare or decorated, from a file, a creds file or a URL. It needs
no store. Its signature is verified; whether its issuer is to be trusted is not
known here.`,
		Example: "  nkeep describe jwt -f ORDERS.jwt\n  nkeep describe jwt -f shop.creds --json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if source == "" {
				return withHint(usagef("%s: needs a token", commandName(c)), "name a file or URL with -f")
			}
			return o.jwt(c.Context(), source)
		},
	}
	o.bindCertificates(c)
	c.Flags().StringVarP(&source, "file", "f", "", "file or URL of the token; - is standard input")
	return c
}

func (o *describe) jwt(ctx context.Context, source string) error {
	token, err := o.fetchToken(ctx, source)
	if err != nil {
		return err
	}
	c, err := jwt.Decode(token)
	if err != nil {
		return fmt.Errorf("token of %q: %w", source, err)
	}
	return o.show(token, c, render.Token(c, nil, o.env.Now()))
}
