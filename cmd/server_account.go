package cmd

import (
	"context"
	"errors"
	"io/fs"

	"nkeep/resolver"

	"github.com/spf13/cobra"
)

func newServerAccount(a *app) *cobra.Command {
	o := &servers{app: a}
	c := &cobra.Command{
		Use:   "account ACCOUNT",
		Short: "Show what servers make of an account",
		Long: `Show what each server makes of an account, given by its name or public key: whether
the claims in force there are those of the store, who is connected, and whether its
imports could be resolved. An account that nobody uses on a server is not loaded there.

Exit code 5 means that a server is missing, that another version than the store's is
in force on one, or that an import is not applied.`,
		Example: `  nkeep server account ORDERS
  nkeep server account ORDERS --json | jq '.servers[] | {name: .server.name, store}'`,
		Args: oneArg("account"),
		RunE: func(c *cobra.Command, args []string) error { return o.account(c.Context(), args[0]) },
	}
	o.bind(c)
	c.ValidArgsFunction = a.complete(accountNames)
	return c
}

func (s *servers) account(ctx context.Context, nameOrKey string) error {
	w, op, err := s.openOperator(ctx)
	if err != nil {
		return err
	}
	name, public, err := op.otherAccount(nameOrKey)
	if err != nil {
		return err
	}
	ac, err := op.readAccount(name)
	if err != nil && !(name == public && errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	q, err := s.ask(ctx, w, op, public, resolver.AskInForce)
	if err != nil {
		return err
	}
	defer q.close()
	list, err := q.conn.AccountInfo(ctx, public, q.servers)
	if err != nil {
		return err
	}
	v := &accountOnServers{serverRoll: q.serverRoll, Name: name, PublicKey: public, Servers: []accountOnServer{}, nameOf: q.nameOf()}
	for _, info := range list {
		if info.State == resolver.NoReply {
			v.silent(info.Server)
		}
		v.Servers = append(v.Servers, accountOnServer{info, compareInForce(info.InForce, ac)})
	}
	return s.conclude(v)
}
