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

// exchange looks at exports and imports: null entries, and activations outside
// their time.
func (r *report) exchange(c *jwt.AccountClaims, now time.Time) {
	for i, e := range c.Exports {
		if e == nil {
			r.add(LevelError, fmt.Sprintf("nats.exports[%d]", i), "is null")
		}
	}
	for i, im := range c.Imports {
		field := fmt.Sprintf("nats.imports[%d]", i)
		if im == nil {
			r.add(LevelError, field, "is null")
			continue
		}
		// A token that cannot be decoded is an error of jwt's own.
		if act, err := jwt.DecodeActivationClaims(im.Token); err == nil {
			r.validity(field+".token", &act.ClaimsData, now)
		}
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
	}
}
