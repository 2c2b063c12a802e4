package cmd

import (
	"context"
	"time"

	"nkeep/claims"

	"github.com/spf13/cobra"
)

type expirations struct {
	*app
	within string
	skip   bool
}

func newExpirations(a *app) *cobra.Command {
	o := &expirations{app: a}
	c := &cobra.Command{
		Use:   "expirations",
		Short: "List when tokens and creds expire",
		Long: `List when the operator, its accounts, their users and the creds files in the
keystore expire, and mark what has expired and what soon will. Creds are marked,
too, when they do not hold the present token of their user, or when the store has
no such user: whoever holds them may still log in. Signatures are not verified:
see nkeep validate.

Exit code 5 means that something could not be read; it is listed as such.`,
		Example: `  nkeep expirations --skip
  nkeep expirations --within 1w --skip
  nkeep expirations --json | jq -r '.report[] | select(.expired) | .resource'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&o.within, "within", "e", "1M", "mark what expires by then: a date (2027-01-31), a time (2027-01-31 15:04:05 UTC), or a span from now (12h, 30d, 6M)")
	f.BoolVar(&o.skip, "skip", false, "leave out what does not expire by then")
	return c
}

func (o *expirations) run(ctx context.Context) error {
	now := o.env.Now()
	threshold, err := o.threshold(now)
	if err != nil {
		return err
	}
	w, store, err := o.openStore(ctx, "")
	if err != nil {
		return err
	}
	s := &expirySearch{store: store, ring: w.ring, crew: newCrew(), now: now, threshold: threshold, skip: o.skip}
	if err := s.all(ctx); err != nil {
		return err
	}
	v := s.view()
	if err := o.out.Show(v); err != nil {
		return err
	}
	return v.err()
}

// threshold is when soon ends.
func (o *expirations) threshold(now time.Time) (time.Time, error) {
	seconds, err := claims.ParseWhen(o.within, now)
	if err != nil {
		return now, usageError{err}
	}
	if seconds == 0 {
		return now, nil
	}
	return time.Unix(seconds, 0), nil
}
