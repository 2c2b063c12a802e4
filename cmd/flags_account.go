package cmd

import (
	"errors"
	"strconv"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/pflag"
)

// bindAccountLimits binds what an account may use at most. JetStream limits go
// to the tier that --js-tier names, wherever it stands among the flags.
func bindAccountLimits(f *pflag.FlagSet, e *claims.AccountEdit) {
	l := &e.Limits
	bindNumber(f, &l.Conns, "conns", "most connections at a time; -1 for any number, here and below")
	bindNumber(f, &l.LeafConns, "leaf-conns", "most leaf node connections at a time")
	bindNumber(f, &l.Data, "data", "most bytes in flight")
	bindNumber(f, &l.Exports, "exports", "most exports")
	bindNumber(f, &l.Imports, "imports", "most imports")
	bindNumber(f, &l.Payload, "payload", "most bytes of a message")
	bindNumber(f, &l.Subscriptions, "subscriptions", "most subscriptions")
	bindBool(f, &l.WildcardExports, "wildcard-exports", "allow exports with wildcards")
	bindBool(f, &l.DisallowBearer, "disallow-bearer", "refuse users whose token suffices to log in")
	bindJetStream(f, &e.JetStream)
	bindString(f, &e.Description, "description", "", "description of the account")
	bindString(f, &e.InfoURL, "info-url", "", "link to more about the account")
}

func bindJetStream(f *pflag.FlagSet, e *claims.JetStreamEdit) {
	tier := func() *claims.TierEdit {
		if len(e.Tiers) == 0 {
			e.Tiers = []claims.TierEdit{{Tier: claims.GlobalTier}}
		}
		return &e.Tiers[0]
	}
	number := func(name, usage string, to func(*claims.TierEdit, int64)) {
		f.Var(into{"number", func(s string) error {
			n, err := parseNumber(s)
			if err == nil {
				to(tier(), n)
			}
			return err
		}}, name, usage)
	}
	f.Var(into{"int", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("is not the number of a tier: 0 for all streams together, N for those with N replicas")
		}
		tier().Tier = n
		return nil
	}}, "js-tier", "tier of the JetStream limits: 0 for all streams together, N for those with N replicas")
	number("js-mem-storage", "most bytes in memory, over all streams", func(t *claims.TierEdit, n int64) { t.MemStorage = &n })
	number("js-disk-storage", "most bytes on disk, over all streams", func(t *claims.TierEdit, n int64) { t.DiskStorage = &n })
	number("js-streams", "most streams", func(t *claims.TierEdit, n int64) { t.Streams = &n })
	number("js-consumer", "most consumers", func(t *claims.TierEdit, n int64) { t.Consumers = &n })
	number("js-max-mem-stream", "most bytes of one stream in memory", func(t *claims.TierEdit, n int64) { t.MaxMemStream = &n })
	number("js-max-disk-stream", "most bytes of one stream on disk", func(t *claims.TierEdit, n int64) { t.MaxDiskStream = &n })
	number("js-max-ack-pending", "most unacknowledged messages", func(t *claims.TierEdit, n int64) { t.MaxAckPending = &n })
	f.Var(into{"bool", func(s string) error {
		b, err := parseBool(s)
		if err == nil {
			tier().MaxBytesRequired = &b
		}
		return err
	}}, "js-max-bytes-required", "demand a size limit of every stream")
	f.Lookup("js-max-bytes-required").NoOptDefVal = "true"
}

// into is a flag whose value goes where set puts it.
type into struct {
	kind string
	set  func(string) error
}

func (i into) Set(s string) error { return i.set(s) }
func (i into) String() string     { return "" }
func (i into) Type() string       { return i.kind }

// bindClusterTraffic binds who carries what servers send each other for the
// replicated streams of an account.
func bindClusterTraffic(f *pflag.FlagSet, to **string) {
	parse := func(s string) (string, error) {
		own, err := parseBool(s)
		if err != nil || !own {
			return "", err
		}
		return string(jwt.ClusterTrafficOwner), nil
	}
	f.Var(optional[string]{to, parse, "bool"}, "host-cluster-traffic", "let the traffic of replicated streams between servers be the account's, and not the system account's")
	f.Lookup("host-cluster-traffic").NoOptDefVal = "true"
}

// formerName knows the names that JetStream limits had in older versions of nsc.
func formerName(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "mem-storage", "disk-storage", "streams", "consumer":
		name = "js-" + name
	}
	return pflag.NormalizedName(name)
}
