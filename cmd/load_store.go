package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

type load struct {
	*app
	profile, url, seed, user string

	name string // of the operator, from the profile
}

func newLoad(a *app) *cobra.Command {
	o := &load{app: a}
	c := &cobra.Command{
		Use:   "load",
		Short: "Take over an account of an operator that somebody else runs",
		Long: `Take over an account whose seed you have: its operator comes from a URL, or is well
known, and the account from the operator's account server. A user is made for it
unless it is there. All of it is verified, and written as one change or not at all.

The seed, or the profile that holds it, is best read from standard input (-) or a
descriptor (fd:N): on the command line it shows in the list of processes and the
history of the shell.`,
		Example: `  nkeep load --url https://example.com/jwt/v1/operator --seed - < account.seed
  nkeep load --profile - < profile.url`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if (o.profile == "") == (o.url == "") {
				return withHint(usagef("load: needs either --profile, or --url with --seed"), "for example:%s", firstExample(c))
			}
			if err := o.parse(c.Context(), c.Flags().Changed("user")); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&o.profile, "profile", "", "nsc://OPERATOR?secret=SEED&user=NAME, with a well-known operator; - or fd:N reads it")
	f.StringVar(&o.url, "url", "", "where the token of the operator is served")
	f.StringVar(&o.seed, "seed", "", "seed of the account, or a file that holds it; - or fd:N reads it")
	f.StringVar(&o.user, "user", "default", "user to make, if the account has none of this name")
	a.bindCertificates(c)
	exclusive(c, "profile", "url")
	exclusive(c, "profile", "seed")
	return c
}

// parse takes a profile apart.
func (o *load) parse(ctx context.Context, userGiven bool) error {
	if o.profile == "" {
		if o.seed == "" {
			return withHint(usagef("--url: goes with --seed"), "give the seed of the account with --seed -")
		}
		return nil
	}
	if err := o.readProfile(ctx); err != nil {
		return err
	}
	u, err := url.Parse(o.profile)
	if err != nil || !strings.EqualFold(u.Scheme, "nsc") || u.Host == "" {
		return withHint(usagef("--profile: is not written nsc://OPERATOR?secret=SEED&user=NAME"), "see: nkeep load --help")
	}
	o.name = u.Host
	for key, values := range u.Query() {
		switch strings.ToLower(key) {
		case "secret":
			o.seed = values[0]
		case "user":
			if !userGiven && values[0] != "" {
				o.user = values[0]
			}
		}
	}
	if o.seed == "" {
		return usagef("--profile: has no secret, which is the seed of the account")
	}
	known, ok := o.wellKnownURL(o.name)
	if !ok {
		return o.errUnknownOperator(o.name)
	}
	o.url = known
	return nil
}

// readProfile reads a profile that comes through standard input or a descriptor.
func (o *load) readProfile(ctx context.Context) error {
	fd, piped, err := keySource(o.profile)
	if err != nil {
		return usageError{fmt.Errorf("--profile: %w", err)}
	}
	if piped {
		data, err := o.readKeyInput(ctx, "--profile", fd)
		if err != nil {
			return err
		}
		o.profile = strings.TrimSpace(string(data))
	} else if keystore.HoldsSeed(o.profile) {
		o.warnTyped()
	}
	return nil
}

func (o *load) run(ctx context.Context) error {
	if err := jwtstore.CheckName(o.user); err != nil {
		return usageError{fmt.Errorf("new %w", err)}
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	k, err := w.givenKey(o.seed, nkeys.PrefixByteAccount)
	if err == nil && k.pair == nil {
		err = usagef("--seed: is not the seed of an account")
	}
	if err != nil {
		return err
	}
	r, err := o.fetchOperator(ctx, o.url)
	if err != nil {
		return err
	}
	if o.name != "" {
		r.name = o.name
	}
	ac, err := o.fetchAccount(ctx, r, k.public)
	if err != nil {
		return err
	}
	made, err := o.newKey(nkeys.PrefixByteUser)
	if err != nil {
		return err
	}
	var done []entity
	err = w.update(ctx, func(c *change) error {
		done, err = o.stage(c, r, ac, k, made)
		return err
	})
	if err != nil {
		return err
	}
	return o.out.Show(report{Entities: done})
}

// fetchAccount gets an account from the account server of its operator.
func (o *load) fetchAccount(ctx context.Context, r remoteOperator, public string) (*account, error) {
	base, err := r.accountServer()
	if err != nil {
		return nil, err
	}
	address, err := url.JoinPath(base, "accounts", public)
	if err != nil {
		return nil, fmt.Errorf("operator %q: account server: %w", r.claims.Name, err)
	}
	token, err := o.fetchToken(ctx, address)
	if status, ok := errors.AsType[*resolver.StatusError](err); ok && errors.Is(status, fs.ErrNotExist) {
		return nil, withHint(missingf("account %q: operator %q does not know it", public, r.claims.Name), "the seed must be that of the account's identity, not of a signing key")
	}
	if err != nil {
		return nil, err
	}
	ac, err := r.managed(o.app).accountOutside(token, public)
	if err != nil {
		return nil, fmt.Errorf("account from %q: %w", resolver.Redact(address), err)
	}
	return ac, nil
}
