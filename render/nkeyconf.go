package render

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
)

// NkeyConfig is a server configuration that knows accounts and users by itself: users log in with their nkeys, and there is
// no token and no operator.
type NkeyConfig struct {
	Operator string // for the comment
	System   string // public key of the system account; empty for none
	Accounts []NkeyAccount
	// Listen and JetStreamDir are those of [ServerConfig].
	Listen, JetStreamDir string
	Now                  time.Time // to tell which activations are in force
}

// NkeyAccount is an account in an [NkeyConfig], with the users that may log in.
type NkeyAccount struct {
	Name   string
	Claims *jwt.AccountClaims
	Users  []NkeyUser
}

// NkeyUser is a user, with what it may do in the end.
type NkeyUser struct {
	Name, Key string
	Rights    jwt.UserPermissionLimits
	Expires   bool // some day
}

// Encode writes the configuration, and says in lost what tokens can say and a configuration cannot. It is YAML, too.
func (c NkeyConfig) Encode() (conf []byte, lost []string, err error) {
	n := nkeyEncoder{byKey: map[string]*NkeyAccount{}, now: c.Now.Unix()}
	for i := range c.Accounts {
		n.byKey[c.Accounts[i].Claims.Subject] = &c.Accounts[i]
	}
	var e confEncoder
	e.comment("Accounts and users of operator %q by their nkeys, made by nkeep.", c.Operator)
	if system, ok := n.byKey[c.System]; ok {
		e.text("system_account", system.Name)
	}
	if err := CheckListen(c.Listen); err != nil {
		return nil, nil, err
	}
	ServerConfig{Listen: c.Listen}.encodeListen(&e)
	if c.JetStreamDir != "" {
		e.tree("jetstream", confMap{{"store_dir", c.JetStreamDir}})
	}
	var accounts confMap
	for i := range c.Accounts {
		// nats-server keeps this name for itself.
		if c.Accounts[i].Name == "$G" {
			e.fail(fmt.Errorf("account %q: has a name that nats-server keeps for itself", c.Accounts[i].Name))
		}
		accounts = append(accounts, confEntry{c.Accounts[i].Name, n.account(&c.Accounts[i])})
	}
	e.tree("accounts", accounts)
	conf, err = e.bytes()
	return conf, n.lost, err
}

// nkeyEncoder turns claims into what a configuration says.
type nkeyEncoder struct {
	byKey map[string]*NkeyAccount
	now   int64
	lost  []string
}

func (n *nkeyEncoder) lose(format string, args ...any) {
	n.lost = append(n.lost, fmt.Sprintf(format, args...))
}

func (n *nkeyEncoder) account(ac *NkeyAccount) confMap {
	c := ac.Claims
	var users, exports, imports []any
	for _, u := range ac.Users {
		users = append(users, n.user(ac.Name, u))
	}
	for _, x := range c.Exports {
		if x != nil {
			exports = append(exports, n.export(ac, x))
		}
	}
	for _, im := range c.Imports {
		if im == nil {
			continue
		}
		if m, ok := n.imported(ac, im); ok {
			imports = append(imports, m)
		}
	}
	var m confMap
	m.add("users", users)
	m.add("default_permissions", confPermissions(c.DefaultPermissions))
	m.add("limits", n.limits(ac))
	m.add("jetstream", n.jetStream(ac))
	m.add("mappings", confMappings(c.Mappings))
	m.add("exports", exports)
	m.add("imports", imports)
	if c.Trace != nil {
		m.add("msg_trace", confMap{{"dest", string(c.Trace.Destination)}, {"sampling", int64(c.Trace.Sampling)}})
	}
	if c.HasExternalAuthorization() {
		n.lose("account %q: its auth callout", ac.Name)
	}
	return m
}

func (n *nkeyEncoder) user(account string, u NkeyUser) confMap {
	m := confMap{{value: confComment(u.Name)}, {"nkey", u.Key}}
	m.add("permissions", confPermissions(u.Rights.Permissions))
	m.add("allowed_connection_types", confList(u.Rights.AllowedConnectionTypes))
	m.add("proxy_required", u.Rights.ProxyRequired)
	for _, limit := range []struct {
		what string
		is   bool
	}{
		{"max subscriptions", u.Rights.Subs != jwt.NoLimit},
		{"max data", u.Rights.Data != jwt.NoLimit},
		{"max payload", u.Rights.Payload != jwt.NoLimit},
		{"source networks", len(u.Rights.Src) > 0},
		{"connection times", len(u.Rights.Times) > 0},
		{"expiry", u.Expires},
	} {
		if limit.is {
			n.lose("user %q of account %q: its %s", u.Name, account, limit.what)
		}
	}
	return m
}

func confPermissions(p jwt.Permissions) confMap {
	var m confMap
	for _, side := range []struct {
		name string
		p    jwt.Permission
	}{{"publish", p.Pub}, {"subscribe", p.Sub}} {
		var lists confMap
		lists.add("allow", confList(side.p.Allow))
		lists.add("deny", confList(side.p.Deny))
		m.add(side.name, lists)
	}
	if p.Resp != nil {
		responses := confMap{{"max", int64(p.Resp.MaxMsgs)}, {"expires", p.Resp.Expires.String()}}
		m.add("allow_responses", responses)
	}
	return m
}

// limits are those of the connections of an account. How much it may export is for who writes the configuration to know.
func (n *nkeyEncoder) limits(ac *NkeyAccount) (m confMap) {
	l := ac.Claims.Limits
	for _, limit := range []struct {
		name  string
		value int64
	}{{"max_connections", l.Conn}, {"max_leafnodes", l.LeafNodeConn}, {"max_subscriptions", l.Subs}, {"max_payload", l.Payload}} {
		if limit.value >= 0 {
			m = append(m, confEntry{limit.name, limit.value})
		}
	}
	if l.Data >= 0 {
		n.lose("account %q: its max data", ac.Name)
	}
	return m
}

func (n *nkeyEncoder) jetStream(ac *NkeyAccount) confMap {
	l := ac.Claims.Limits
	if !l.IsJSEnabled() {
		return nil
	}
	js := l.JetStreamLimits
	if len(l.JetStreamTieredLimits) > 0 {
		n.lose("account %q: its JetStream tiers, of which the configuration has the largest limits", ac.Name)
		for _, tier := range l.JetStreamTieredLimits {
			js.MemoryStorage, js.DiskStorage = wider(js.MemoryStorage, tier.MemoryStorage), wider(js.DiskStorage, tier.DiskStorage)
			js.Streams, js.Consumer = wider(js.Streams, tier.Streams), wider(js.Consumer, tier.Consumer)
			js.MaxAckPending = wider(js.MaxAckPending, tier.MaxAckPending)
			js.MemoryMaxStreamBytes = wider(js.MemoryMaxStreamBytes, tier.MemoryMaxStreamBytes)
			js.DiskMaxStreamBytes = wider(js.DiskMaxStreamBytes, tier.DiskMaxStreamBytes)
			js.MaxBytesRequired = js.MaxBytesRequired || tier.MaxBytesRequired
		}
	}
	m := confMap{
		{"max_memory", js.MemoryStorage},
		{"max_store", js.DiskStorage},
		{"max_streams", js.Streams},
		{"max_consumers", js.Consumer},
		{"max_ack_pending", js.MaxAckPending},
		{"mem_max_stream_bytes", js.MemoryMaxStreamBytes},
		{"disk_max_stream_bytes", js.DiskMaxStreamBytes},
	}
	m.add("max_bytes_required", js.MaxBytesRequired)
	m.add("cluster_traffic", string(ac.Claims.ClusterTraffic))
	return m
}

func wider(a, b int64) int64 {
	if a < 0 || b < 0 {
		return jwt.NoLimit
	}
	return max(a, b)
}

func confMappings(mappings jwt.Mapping) (m confMap) {
	for _, from := range slices.Sorted(maps.Keys(mappings)) {
		var to []any
		for _, w := range mappings[from] {
			dest := confMap{{"destination", string(w.Subject)}, {"weight", int64(w.GetWeight())}}
			dest.add("cluster", w.Cluster)
			to = append(to, dest)
		}
		m.add(string(from), to)
	}
	return m
}
