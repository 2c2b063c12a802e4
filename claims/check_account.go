package claims

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

func (r *report) account(c *jwt.AccountClaims, now time.Time) {
	const path = "nats.limits"
	r.limits(path, natsLimits(c.Limits.NatsLimits))
	r.limits(path, map[string]int64{
		"imports": c.Limits.Imports,
		"exports": c.Limits.Exports,
		"conn":    c.Limits.Conn,
		"leaf":    c.Limits.LeafNodeConn,
	})
	r.limits(path, jetStreamLimits(c.Limits.JetStreamLimits))
	for _, tier := range slices.Sorted(maps.Keys(c.Limits.JetStreamTieredLimits)) {
		r.limits(path+".tiered_limits."+tier, jetStreamLimits(c.Limits.JetStreamTieredLimits[tier]))
	}
	r.exchange(c, now)
	r.scopes(c)
	r.mappings(c.Mappings)
}

func jetStreamLimits(l jwt.JetStreamLimits) map[string]int64 {
	return map[string]int64{
		"mem_storage":           l.MemoryStorage,
		"disk_storage":          l.DiskStorage,
		"streams":               l.Streams,
		"consumer":              l.Consumer,
		"max_ack_pending":       l.MaxAckPending,
		"mem_max_stream_bytes":  l.MemoryMaxStreamBytes,
		"disk_max_stream_bytes": l.DiskMaxStreamBytes,
	}
}

// scopes checks the templates of scoped signing keys, which jwt passes over.
// Their subjects may be templates of nats-server and stay unchecked.
func (r *report) scopes(c *jwt.AccountClaims) {
	keys := c.SigningKeys.Keys()
	slices.Sort(keys)
	for i, key := range keys {
		scope, ok := ScopeOf(c, key)
		if !ok {
			continue
		}
		field := fmt.Sprintf("nats.signing_keys[%d].template", i)
		vr := jwt.CreateValidationResults()
		scope.Template.Limits.Validate(vr)
		for _, issue := range vr.Issues {
			r.add(LevelError, field, "%s", issue.Description)
		}
		r.limits(field, natsLimits(scope.Template.NatsLimits))
		if scope.Template.BearerToken && c.Limits.DisallowBearer {
			r.add(LevelError, field+".bearer_token", "makes bearer tokens, which the account does not allow")
		}
	}
}
