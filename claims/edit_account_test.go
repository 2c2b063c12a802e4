package claims

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestAccountEdit(t *testing.T) {
	t.Parallel()
	a, s1, s2 := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	exports := func(c *jwt.AccountClaims) {
		c.Exports.Add(&jwt.Export{Subject: "a.*", Type: jwt.Stream}, &jwt.Export{Subject: "b", Type: jwt.Stream})
	}
	traced := func(c *jwt.AccountClaims) { c.Trace = &jwt.MsgTrace{Destination: "t", Sampling: 7} }
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{name: "nothing"},
		{
			name: "other limits stay", before: func(c *jwt.AccountClaims) {
				c.Limits.WildcardExports, c.Limits.DisallowBearer = false, true
			},
			edit: AccountEdit{Tags: ListEdit{Add: []string{"x"}}}, want: `nats.tags: null -> ["x"]`,
		},
		{
			name: "limits", edit: AccountEdit{Limits: AccountLimitsEdit{
				Conns: new(int64(1)), LeafConns: new(int64(2)), Data: new(int64(3)), Exports: new(int64(4)), Imports: new(int64(5)),
				Payload: new(int64(6)), Subscriptions: new(int64(9007199254740993)), WildcardExports: new(false), DisallowBearer: new(true),
			}},
			want: `nats.limits.conn: -1 -> 1; nats.limits.data: -1 -> 3; nats.limits.disallow_bearer: null -> true; nats.limits.exports: -1 -> 4; ` +
				`nats.limits.imports: -1 -> 5; nats.limits.leaf: -1 -> 2; nats.limits.payload: -1 -> 6; nats.limits.subs: -1 -> 9007199254740993; nats.limits.wildcards: true -> null`,
		},
		{name: "negative limit", edit: AccountEdit{Limits: AccountLimitsEdit{Conns: new(int64(-2))}}, wantErr: `limit "conns": -2 is neither`},
		{name: "too few exports", before: exports, edit: AccountEdit{Limits: AccountLimitsEdit{Exports: new(int64(1))}}, wantErr: `limit "exports": the account has 2`},
		{name: "too few imports", before: func(c *jwt.AccountClaims) { c.Imports.Add(&jwt.Import{Subject: "a", Account: s1, Type: jwt.Stream}) }, edit: AccountEdit{Limits: AccountLimitsEdit{Imports: new(int64(0))}}, wantErr: `limit "imports": the account has 1`},
		{name: "wildcard exports", before: exports, edit: AccountEdit{Limits: AccountLimitsEdit{Exports: new(int64(9)), WildcardExports: new(false)}}, wantErr: `limit "wildcard_exports": the account exports "a.*"`},
		{name: "keep a scope", before: scopedKey(s1), edit: AccountEdit{SigningKeys: ListEdit{Add: []string{s1}}}},
		{name: "remove a scoped key", before: scopedKey(s1), edit: AccountEdit{SigningKeys: ListEdit{Remove: []string{s1}}}, want: `nats.signing_keys[0]: {"description":"","key":"` + s1 + `","kind":"user_scope","role":"r","template":{"data":-1,"payload":-1,"pub":{},"sub":{},"subs":-1}} -> null`},
		{name: "add a key", edit: AccountEdit{SigningKeys: ListEdit{Add: []string{s2}}}, want: `nats.signing_keys: null -> ["` + s2 + `"]`},
		{name: "add the identity", edit: AccountEdit{SigningKeys: ListEdit{Add: []string{a}}}, wantErr: "is the identity key"},
		{name: "remove an absent key", edit: AccountEdit{SigningKeys: ListEdit{Remove: []string{s2}}}, wantErr: "does not exist"},
		{name: "trace", edit: AccountEdit{Trace: TraceEdit{Subject: new("t.x")}}, want: `nats.trace.dest: null -> "t.x"; nats.trace.sampling: null -> 100`},
		{name: "trace keeps sampling", before: traced, edit: AccountEdit{Trace: TraceEdit{Subject: new("u")}}, want: `nats.trace.dest: "t" -> "u"`},
		{name: "trace sampling", before: traced, edit: AccountEdit{Trace: TraceEdit{Sampling: new(0)}}, want: `nats.trace.sampling: 7 -> 100`},
		{name: "trace off", before: traced, edit: AccountEdit{Trace: TraceEdit{Subject: new("")}}, want: `nats.trace.dest: "t" -> null; nats.trace.sampling: 7 -> null`},
		{name: "trace wildcard", edit: AccountEdit{Trace: TraceEdit{Subject: new("t.*")}}, wantErr: "may not have wildcards"},
		{name: "trace sampling alone", edit: AccountEdit{Trace: TraceEdit{Sampling: new(5)}}, wantErr: "needs a trace subject"},
		{name: "trace sampling range", before: traced, edit: AccountEdit{Trace: TraceEdit{Sampling: new(101)}}, wantErr: "101 is not within"},
		{name: "cluster traffic", edit: AccountEdit{ClusterTraffic: new("owner")}, want: `nats.cluster_traffic: null -> "owner"`},
		{name: "bad cluster traffic", edit: AccountEdit{ClusterTraffic: new("x")}, wantErr: `cluster traffic "x"`},
		{name: "description", edit: AccountEdit{Description: new("d"), InfoURL: new("https://h/x")}, want: `nats.description: null -> "d"; nats.info_url: null -> "https://h/x"`},
		{name: "long description", edit: AccountEdit{Description: new(strings.Repeat("x", jwt.MaxInfoLength+1))}, wantErr: "longer than 8192 bytes"},
		{name: "bad info URL", edit: AccountEdit{InfoURL: new("junk")}, wantErr: `info URL "junk"`},
		{name: "default permissions", edit: AccountEdit{DefaultPermissions: PermissionsEdit{AllowPubSub: []string{"b", "a"}}}, want: `nats.default_permissions.pub.allow: null -> ["a","b"]; nats.default_permissions.sub.allow: null -> ["a","b"]`},
	})
}

func scopedKey(key string) func(c *jwt.AccountClaims) {
	return func(c *jwt.AccountClaims) {
		scope := jwt.NewUserScope()
		scope.Key, scope.Role = key, "r"
		c.SigningKeys.AddScopedSigner(scope)
	}
}

func TestJetStreamEdit(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	edit := func(e JetStreamEdit) AccountEdit { return AccountEdit{JetStream: e} }
	set := func(tier int, disk int64) AccountEdit {
		return edit(JetStreamEdit{Tiers: []TierEdit{{Tier: tier, DiskStorage: &disk}}})
	}
	global := func(c *jwt.AccountClaims) { c.Limits.DiskStorage = 5; c.Limits.MaxBytesRequired = true }
	tiered := func(c *jwt.AccountClaims) {
		c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{"R1": {DiskStorage: 5}}
	}
	// leftover is what nsc writes on accounts without JetStream.
	leftover := func(c *jwt.AccountClaims) {
		c.Limits.JetStreamLimits = jwt.JetStreamLimits{Streams: -1, Consumer: -1, MaxAckPending: -1, MemoryMaxStreamBytes: -1, DiskMaxStreamBytes: -1}
	}
	const others = `nats.limits.%[1]sconsumer: null -> -1; nats.limits.%[1]sdisk_max_stream_bytes: null -> -1; nats.limits.%[1]sdisk_storage: null -> %[2]s; ` +
		`nats.limits.%[1]smax_ack_pending: null -> -1; nats.limits.%[1]smem_max_stream_bytes: null -> -1; %[3]snats.limits.%[1]sstreams: null -> -1`
	expect := func(tier, disk, mem string) string {
		return strings.NewReplacer("%[1]s", tier, "%[2]s", disk, "%[3]s", mem).Replace(others)
	}
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{name: "empty tier", edit: edit(JetStreamEdit{Tiers: []TierEdit{{Tier: 3}}})},
		{name: "new global", edit: set(0, 7), want: expect("", "7", "")},
		{name: "new tier", edit: set(3, 7), want: expect("tiered_limits.R3.", "7", "")},
		{name: "global keeps the rest", before: global, edit: set(0, 7), want: `nats.limits.disk_storage: 5 -> 7`},
		{name: "tier keeps the rest", before: tiered, edit: set(1, 7), want: `nats.limits.tiered_limits.R1.disk_storage: 5 -> 7`},
		{name: "max bytes required", before: global, edit: edit(JetStreamEdit{Tiers: []TierEdit{{MaxBytesRequired: new(false)}}}), want: `nats.limits.max_bytes_required: true -> null`},
		{name: "global beside tiers", before: tiered, edit: set(0, 7), wantErr: "exclude global limits"},
		{name: "tier beside global", before: global, edit: set(1, 7), wantErr: "exclude tiers"},
		{name: "both in one edit", edit: edit(JetStreamEdit{Tiers: []TierEdit{{DiskStorage: new(int64(1))}, {Tier: 1, DiskStorage: new(int64(1))}}}), wantErr: "exclude tiers"},
		{name: "negative tier", edit: set(-1, 7), wantErr: "is negative"},
		{name: "negative limit", edit: set(1, -2), wantErr: `limit "disk_storage": -2`},
		{
			name: "leftovers are no JetStream", before: leftover, edit: set(1, 7),
			want: `nats.limits.consumer: -1 -> null; nats.limits.disk_max_stream_bytes: -1 -> null; nats.limits.max_ack_pending: -1 -> null; nats.limits.mem_max_stream_bytes: -1 -> null; nats.limits.streams: -1 -> null; ` + expect("tiered_limits.R1.", "7", ""),
		},
		{name: "enable", edit: edit(JetStreamEdit{Enable: new(2)}), want: expect("tiered_limits.R2.", "-1", "nats.limits.tiered_limits.R2.mem_storage: null -> -1; ")},
		{name: "enable leftovers", before: leftover, edit: edit(JetStreamEdit{Enable: new(0)}), want: `nats.limits.disk_storage: null -> -1; nats.limits.mem_storage: null -> -1`},
		{name: "enable twice", before: global, edit: edit(JetStreamEdit{Enable: new(0)}), wantErr: `tier "global": is already enabled`},
		{name: "enable and set", edit: edit(JetStreamEdit{Enable: new(0), Tiers: []TierEdit{{Streams: new(int64(1))}}}), wantErr: "exclude each other"},
		{name: "disable and remove", edit: edit(JetStreamEdit{Disable: true, RemoveTier: new(0)}), wantErr: "exclude each other"},
		{name: "disable global", before: global, edit: edit(JetStreamEdit{Disable: true}), want: `nats.limits.disk_storage: 5 -> null; nats.limits.max_bytes_required: true -> null`},
		{name: "disable tiers", before: tiered, edit: edit(JetStreamEdit{Disable: true}), want: `nats.limits.tiered_limits.R1.disk_storage: 5 -> null`},
		{name: "remove global", before: global, edit: edit(JetStreamEdit{RemoveTier: new(0)}), want: `nats.limits.disk_storage: 5 -> null; nats.limits.max_bytes_required: true -> null`},
		{name: "remove tier", before: tiered, edit: edit(JetStreamEdit{RemoveTier: new(1)}), want: `nats.limits.tiered_limits.R1.disk_storage: 5 -> null`},
		{name: "remove absent tier", before: tiered, edit: edit(JetStreamEdit{RemoveTier: new(2)}), wantErr: `tier "R2": does not exist`},
		{name: "remove absent global", edit: edit(JetStreamEdit{RemoveTier: new(0)}), wantErr: `tier "global": does not exist`},
	})
}

func TestJetStreamEditEnables(t *testing.T) {
	t.Parallel()
	for want, edits := range map[bool][]JetStreamEdit{
		true:  {{Enable: new(0)}, {Tiers: []TierEdit{{MemStorage: new(int64(-1))}}}, {Tiers: []TierEdit{{}, {DiskStorage: new(int64(1))}}}},
		false: {{}, {Disable: true}, {Tiers: []TierEdit{{MemStorage: new(int64(0)), Streams: new(int64(9))}}}},
	} {
		for _, e := range edits {
			if e.Enables() != want {
				t.Errorf("Enables(%+v) = %v", e, !want)
			}
		}
	}
}

// TestApplyLeavesTheOriginalAlone holds that a shallow copy taken before an edit
// still shows the old values: Apply must not write into shared arrays and maps.
func TestApplyLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	s1, s2 := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	c.SigningKeys.Add(s1)
	c.Tags = append(make(jwt.TagList, 0, 8), "b", "c")
	c.DefaultPermissions.Pub.Allow = append(make(jwt.StringList, 0, 8), "b", "c")
	c.DefaultPermissions.Sub.Allow = append(make(jwt.StringList, 0, 8), "x", "y")
	c.DefaultPermissions.Resp = &jwt.ResponsePermission{MaxMsgs: 1}
	c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{"R1": {DiskStorage: 5}}
	c.Trace = &jwt.MsgTrace{Destination: "t", Sampling: 5}
	kept := *c
	was := stamped(t, &kept)
	edit := AccountEdit{
		Tags:        ListEdit{Add: []string{"a"}, Remove: []string{"b"}},
		SigningKeys: ListEdit{Add: []string{s2}, Remove: []string{s1}},
		JetStream:   JetStreamEdit{Tiers: []TierEdit{{Tier: 1, DiskStorage: new(int64(6))}}},
		DefaultPermissions: PermissionsEdit{
			AllowPub: []string{"a"}, AllowSub: []string{"a"}, Remove: []string{"b"}, ResponseTTL: new(time.Second),
		},
		Trace: TraceEdit{Sampling: new(6)},
	}
	changes, err := edit.Apply(c, epoch())
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 7 {
		t.Errorf("changes %s", show(t, changes))
	}
	if now := stamped(t, &kept); now != was {
		t.Errorf("got  %s\nwant %s", now, was)
	}
}
