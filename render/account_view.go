package render

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// Account shows account claims: details and limits, then a table for each of JetStream, exports, imports, mappings,
// scoped signing keys and revocations that the account has.
func Account(c *jwt.AccountClaims, names Names, now time.Time) View {
	return claimsView{c, func(t *Text) {
		t.Fields("Account Details", accountDetails(c, names, now))
		jetStreamTable(t, &c.Limits)
		exportsTable(t, c.Exports)
		importsTable(t, c.Imports, names, now)
		mappingsTable(t, c.Mappings)
		for _, key := range sortedKeys(c.SigningKeys) {
			if s, ok := c.SigningKeys[key].(*jwt.UserScope); ok {
				scopeTable(t, s)
			}
		}
		revocationsTable(t, c, names, now)
	}}
}

func accountDetails(c *jwt.AccountClaims, names Names, now time.Time) fields {
	var f fields
	f.identity(labelName, "Account ID", c.Claims(), names, now)
	f.optional(labelDescription, c.Description)
	f.optional(labelInfoURL, c.InfoURL)
	f.list(labelSigningKeys, signingKeys(c.SigningKeys))
	f.accountLimits(&c.Limits)
	f.permissions(&c.DefaultPermissions)
	f.authorization(&c.Authorization, names)
	if c.Trace != nil {
		f.add(labelTraceSubject, string(c.Trace.Destination))
		f.add(labelTraceSampling, percent(int64(c.Trace.Sampling)))
	}
	f.optional(labelClusterTraffic, string(c.ClusterTraffic))
	f.set(labelTags, c.Tags)
	return f
}

// signingKeys returns the keys with the role of those that have a scope.
func signingKeys(keys jwt.SigningKeys) []string {
	var out []string
	for _, key := range sortedKeys(keys) {
		if s, ok := keys[key].(*jwt.UserScope); ok {
			key = keyOfRole(key, s.Role)
		}
		out = append(out, key)
	}
	return out
}

func (f *fields) accountLimits(l *jwt.OperatorLimits) {
	f.add(labelMaxConnections, count(l.Conn))
	f.add(labelMaxLeafs, count(l.LeafNodeConn))
	f.add(labelMaxData, size(l.Data))
	f.add(labelMaxPayload, size(l.Payload))
	f.add(labelMaxSubscriptions, count(l.Subs))
	f.add(labelMaxExports, count(l.Exports))
	f.add(labelMaxImports, count(l.Imports))
	f.yesNo(labelWildcardExports, l.WildcardExports)
	f.yesNo(labelBearersAllowed, !l.DisallowBearer)
	if !l.IsJSEnabled() {
		f.add(labelJetStream, "Disabled")
	}
}

// authorization adds the auth callout, if the account has one.
func (f *fields) authorization(a *jwt.ExternalAuthorization, names Names) {
	f.list(labelCalloutUsers, fullNames(a.AuthUsers, names))
	f.list(labelCalloutAccounts, fullNames(a.AllowedAccounts, names))
	f.optional(labelCalloutKey, a.XKey)
}

func fullNames(ids []string, names Names) []string {
	var out []string
	for _, id := range slices.Sorted(slices.Values(ids)) {
		out = append(out, names.full(id))
	}
	return out
}

func mappingsTable(t *Text, m jwt.Mapping) {
	table := Table{Title: labelMappings, Columns: Columns("From", labelTo, labelWeight, labelCluster)}
	for _, from := range sortedKeys(m) {
		for _, to := range slices.SortedFunc(slices.Values(m[from]), func(a, b jwt.WeightedMapping) int {
			return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Subject, b.Subject))
		}) {
			table.Add(string(from), string(to.Subject), percent(int64(to.GetWeight())), to.Cluster)
		}
	}
	t.compact(table)
}

// revocationsTable lists what was revoked: users of the account, and activations of its private exports.
func revocationsTable(t *Text, c *jwt.AccountClaims, names Names, now time.Time) {
	table := Table{
		Title:   labelRevocations,
		Columns: []Column{{Name: "Public Key", ID: true}, {Name: labelName}, {Name: labelIssuedUntil}, {Name: "Export"}},
	}
	add := func(list jwt.RevocationList, export string) {
		for _, id := range sortedKeys(list) {
			key, name := id, names.short(id)
			if name == id {
				name = ""
			}
			table.Add(revoked(key), name, Time(list[id]).When(now, "0"), export)
		}
	}
	add(c.Revocations, "")
	for _, e := range c.Exports {
		add(e.Revocations, string(e.Subject))
	}
	t.compact(table)
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
