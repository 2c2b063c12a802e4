package render

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
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
	f.identity("Name", "Account ID", c.Claims(), names, now)
	f.optional("Description", c.Description)
	f.optional("Info URL", c.InfoURL)
	f.list("Signing Keys", signingKeys(c.SigningKeys))
	f.accountLimits(&c.Limits)
	f.permissions(&c.DefaultPermissions)
	f.authorization(&c.Authorization, names)
	if c.Trace != nil {
		f.add("Trace Subject", string(c.Trace.Destination))
		f.add("Trace Sampling", strconv.Itoa(c.Trace.Sampling)+"%")
	}
	f.optional("Cluster Traffic", string(c.ClusterTraffic))
	f.set("Tags", c.Tags)
	return f
}

// signingKeys returns the keys with the role of those that have a scope.
func signingKeys(keys jwt.SigningKeys) []string {
	var out []string
	for _, key := range sortedKeys(keys) {
		if s, ok := keys[key].(*jwt.UserScope); ok {
			key += " / role " + s.Role
		}
		out = append(out, key)
	}
	return out
}

func (f *fields) accountLimits(l *jwt.OperatorLimits) {
	f.add("Max Connections", count(l.Conn))
	f.add("Max Leaf Node Connections", count(l.LeafNodeConn))
	f.add("Max Data", size(l.Data))
	f.add("Max Msg Payload", size(l.Payload))
	f.add("Max Subscriptions", count(l.Subs))
	f.add("Max Exports", count(l.Exports))
	f.add("Max Imports", count(l.Imports))
	f.yesNo("Wildcard Exports", l.WildcardExports)
	f.yesNo("Bearer Tokens Allowed", !l.DisallowBearer)
	if !l.IsJSEnabled() {
		f.add("JetStream", "Disabled")
	}
}

// authorization adds the auth callout, if the account has one.
func (f *fields) authorization(a *jwt.ExternalAuthorization, names Names) {
	f.list("Auth Callout Users", fullNames(a.AuthUsers, names))
	f.list("Auth Callout Accounts", fullNames(a.AllowedAccounts, names))
	f.optional("Auth Callout Key", a.XKey)
}

func fullNames(ids []string, names Names) []string {
	var out []string
	for _, id := range slices.Sorted(slices.Values(ids)) {
		out = append(out, names.full(id))
	}
	return out
}

func mappingsTable(t *Text, m jwt.Mapping) {
	table := Table{Title: "Mappings", Columns: Columns("From", "To", "Weight", "Cluster")}
	for _, from := range sortedKeys(m) {
		for _, to := range slices.SortedFunc(slices.Values(m[from]), func(a, b jwt.WeightedMapping) int {
			return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Subject, b.Subject))
		}) {
			table.Add(string(from), string(to.Subject), strconv.Itoa(int(to.GetWeight()))+"%", to.Cluster)
		}
	}
	t.compact(table)
}

// revocationsTable lists what was revoked: users of the account, and activations of its private exports.
func revocationsTable(t *Text, c *jwt.AccountClaims, names Names, now time.Time) {
	table := Table{
		Title:   "Revocations",
		Columns: []Column{{Name: "Public Key", ID: true}, {Name: "Name"}, {Name: "Issued Until"}, {Name: "Export"}},
	}
	add := func(list jwt.RevocationList, export string) {
		for _, id := range sortedKeys(list) {
			key, name := id, names.short(id)
			if name == id {
				name = ""
			}
			if id == jwt.All {
				key = "* (all)"
			}
			table.Add(key, name, Time(list[id]).When(now, "0"), export)
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
