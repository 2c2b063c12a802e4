package cmd

import (
	"context"
	"slices"
	"strconv"

	"nkeep/resolver"

	"github.com/nats-io/nkeys"
	"github.com/spf13/pflag"
)

// hintExpect is for servers that seem to be missing.
const hintExpect = "one that crashed and came back is counted twice for some minutes: name those there are with --expect"

// bindExpect binds which servers have to be there.
func (o *onlineFlags) bindExpect(f *pflag.FlagSet) {
	bindStrings(f, &o.expect, "expect", "", "servers that have to answer: names, or their number")
}

// rollCall finds the servers that are there. What --expect says takes the place of
// what servers say themselves: those go on counting one that crashed for minutes,
// and twice after its restart. Who is expected and does not answer gets another
// chance: one that has just come is not known to all.
func (o *onlineFlags) rollCall(ctx context.Context, conn *resolver.Conn) (resolver.Roll, error) {
	roll, _, err := o.statistics(ctx, conn)
	return roll, err
}

// statistics is rollCall that keeps what servers tell on the way.
func (o *onlineFlags) statistics(ctx context.Context, conn *resolver.Conn) (resolver.Roll, []resolver.Statistics, error) {
	if slices.Contains(o.expect, "") {
		return resolver.Roll{}, nil, usagef("--expect: a name is empty")
	}
	roll, stats, err := conn.Statistics(ctx)
	if err != nil || len(o.expect) == 0 {
		return roll, stats, hintIf(err, resolver.ErrNotSystem, "log in with the creds of a user of the system account, or as a temporary one: without --creds and --context")
	}
	if o.compare(&roll); roll.Missing > 0 {
		if roll, stats, err = conn.Statistics(ctx); err == nil {
			o.compare(&roll)
		}
	}
	return roll, stats, err
}

// survey calls the roll, and finds out what the servers are.
func (o *onlineFlags) survey(ctx context.Context, conn *resolver.Conn, about resolver.SurveyOptions) (absence, []resolver.Profile, error) {
	roll, err := o.rollCall(ctx, conn)
	if err != nil {
		return absence{}, nil, err
	}
	profiles, err := conn.Survey(ctx, roll.Servers, about)
	return o.absence(roll), profiles, err
}

// absence is who should be there and is not.
func (o *onlineFlags) absence(roll resolver.Roll) absence {
	return absence{roll.Missing, roll.Absent, len(o.expect) > 0}
}

// anyAccount is one to ask for where any will do, known or not: who answers has a
// store. An operator that somebody else runs need not name its system account.
func (o *operator) anyAccount() (string, error) {
	if system := o.claims.SystemAccount; system != "" {
		return system, nil
	}
	k, err := o.app.newKey(nkeys.PrefixByteAccount)
	return k.public, err
}

// serversOf are servers of some kinds, without what else is known of them.
func serversOf(profiles []resolver.Profile, kinds ...resolver.Kind) []resolver.Server {
	servers := []resolver.Server{}
	for _, p := range profiles {
		if slices.Contains(kinds, p.Resolver) {
			servers = append(servers, p.Server)
		}
	}
	return servers
}

// compare notes who is missing of those that --expect names, or counts.
func (o *onlineFlags) compare(roll *resolver.Roll) {
	if n, err := strconv.ParseUint(o.expect[0], 10, 16); err == nil && len(o.expect) == 1 {
		if roll.Missing = max(0, int(n)-len(roll.Servers)); roll.Missing == 0 {
			roll.Absent = []string{}
		}
		return
	}
	roll.Absent = []string{}
	for _, name := range o.expect {
		if !slices.ContainsFunc(roll.Servers, func(s resolver.Server) bool { return s.Name == name }) {
			roll.Absent = append(roll.Absent, name)
		}
	}
	slices.Sort(roll.Absent)
	roll.Absent = slices.Compact(roll.Absent)
	roll.Missing = len(roll.Absent)
}
