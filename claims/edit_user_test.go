package claims

import (
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestUserEdit(t *testing.T) {
	t.Parallel()
	u := pub(t, nkeys.PrefixByteUser)
	limits := func(e UserLimitsEdit) UserEdit { return UserEdit{Limits: e} }
	perms := func(e PermissionsEdit) UserEdit { return limits(UserLimitsEdit{Permissions: e}) }
	responding := func(c *jwt.UserClaims) { c.Resp = &jwt.ResponsePermission{MaxMsgs: 3, Expires: time.Second} }
	denied := func(c *jwt.UserClaims) { c.Pub.Deny = jwt.StringList{"z", "x"}; c.Sub.Deny = jwt.StringList{"x"} }
	ranges := func(c *jwt.UserClaims) {
		c.Times = []jwt.TimeRange{{Start: "01:00:00", End: "02:00:00"}, {Start: "01:00:00", End: "03:00:00"}}
	}
	runEdits(t, func() *jwt.UserClaims { return NewUser(u, "U") }, []editTest[jwt.UserClaims, UserEdit]{
		{name: "nothing"},
		{name: "bearer", edit: limits(UserLimitsEdit{Bearer: new(true), ProxyRequired: new(true)}), want: `nats.bearer_token: null -> true; nats.proxy_required: null -> true`},
		{name: "limits", edit: limits(UserLimitsEdit{Payload: new(int64(1)), Data: new(int64(0)), Subs: new(int64(3))}), want: `nats.data: -1 -> null; nats.payload: -1 -> 1; nats.subs: -1 -> 3`},
		{name: "negative limit", edit: limits(UserLimitsEdit{Payload: new(int64(-3))}), wantErr: `limit "payload": -3`},
		{
			name: "permissions", edit: perms(PermissionsEdit{AllowPub: []string{"b", "a"}, DenyPub: []string{"c"}, AllowSub: []string{"d q"}, DenySub: []string{"e"}, AllowPubSub: []string{"f"}, DenyPubSub: []string{"g"}}),
			want: `nats.pub.allow: null -> ["a","b","f"]; nats.pub.deny: null -> ["c","g"]; nats.sub.allow: null -> ["d q","f"]; nats.sub.deny: null -> ["e","g"]`,
		},
		{name: "queue to publish", edit: perms(PermissionsEdit{AllowPub: []string{"a q"}}), wantErr: `publish subject "a q": contains a blank`},
		{name: "queue for both", edit: perms(PermissionsEdit{AllowPubSub: []string{"a q"}}), wantErr: `publish subject "a q": contains a blank`},
		{name: "remove everywhere", before: denied, edit: perms(PermissionsEdit{Remove: []string{"x"}}), want: `nats.pub.deny: ["z","x"] -> ["z"]; nats.sub.deny: ["x"] -> null`},
		{name: "remove and add", before: denied, edit: perms(PermissionsEdit{Remove: []string{"x"}, AllowPub: []string{"x"}}), want: `nats.pub.allow: null -> ["x"]; nats.pub.deny: ["z","x"] -> ["z"]; nats.sub.deny: ["x"] -> null`},
		{name: "remove absent", edit: perms(PermissionsEdit{Remove: []string{"x"}}), wantErr: `permission "x": does not exist`},
		{name: "responses", edit: perms(PermissionsEdit{ResponseMaxMsgs: new(1), ResponseTTL: new(time.Minute)}), want: `nats.resp.max: null -> 1; nats.resp.ttl: null -> 60000000000`},
		{name: "response time alone", before: responding, edit: perms(PermissionsEdit{ResponseTTL: new(time.Minute)}), want: `nats.resp.ttl: 1000000000 -> 60000000000`},
		{name: "no responses, yet the rest", before: responding, edit: perms(PermissionsEdit{RemoveResponse: true, AllowPub: []string{"new"}}), want: `nats.pub.allow: null -> ["new"]; nats.resp.max: 3 -> null; nats.resp.ttl: 1000000000 -> null`},
		{name: "responses anew", before: responding, edit: perms(PermissionsEdit{RemoveResponse: true, ResponseMaxMsgs: new(2)}), want: `nats.resp.max: 3 -> 2; nats.resp.ttl: 1000000000 -> 0`},
		{name: "no responses twice", edit: perms(PermissionsEdit{RemoveResponse: true})},
		{name: "negative messages", edit: perms(PermissionsEdit{ResponseMaxMsgs: new(-2)}), wantErr: "-2 messages"},
		{name: "negative time", edit: perms(PermissionsEdit{ResponseTTL: new(-time.Second)}), wantErr: "time -1s is negative"},
		{name: "connection types", edit: limits(UserLimitsEdit{ConnectionTypes: ListEdit{Add: []string{"mqtt", "in_process"}}}), want: `nats.allowed_connection_types: null -> ["MQTT","IN_PROCESS"]`},
		{name: "bad connection type", edit: limits(UserLimitsEdit{ConnectionTypes: ListEdit{Add: []string{"x"}}}), wantErr: `connection type "x"`},
		{name: "networks", edit: limits(UserLimitsEdit{SourceNetworks: ListEdit{Add: []string{"10.0.0.0/8", "FE80::/10"}}}), want: `nats.src: null -> ["10.0.0.0/8","fe80::/10"]`},
		{name: "bad network", edit: limits(UserLimitsEdit{SourceNetworks: ListEdit{Add: []string{"junk"}}}), wantErr: `network "junk"`},
		{name: "remove a bad network", before: func(c *jwt.UserClaims) { c.Src = jwt.CIDRList{"junk"} }, edit: limits(UserLimitsEdit{SourceNetworks: ListEdit{Remove: []string{"junk"}}}), want: `nats.src: ["junk"] -> null`},
		{name: "time ranges", before: ranges, edit: limits(UserLimitsEdit{TimeRanges: ListEdit{Add: []string{"22:00:00-06:00:00"}, Remove: []string{"01:00:00"}}}), want: `nats.times[0]: {"end":"02:00:00","start":"01:00:00"} -> null; nats.times[1]: null -> {"end":"06:00:00","start":"22:00:00"}`},
		{name: "one time range", before: ranges, edit: limits(UserLimitsEdit{TimeRanges: ListEdit{Remove: []string{"01:00:00-03:00:00"}}}), want: `nats.times[1]: {"end":"03:00:00","start":"01:00:00"} -> null`},
		{name: "absent time range", edit: limits(UserLimitsEdit{TimeRanges: ListEdit{Remove: []string{"01:00:00"}}}), wantErr: `time range "01:00:00": does not exist`},
		{name: "bad time range", edit: limits(UserLimitsEdit{TimeRanges: ListEdit{Add: []string{"1:00:00-02:00:00"}}}), wantErr: `time range "1:00:00-02:00:00"`},
		{name: "locale", edit: limits(UserLimitsEdit{Locale: new("Europe/Berlin")}), want: `nats.times_location: null -> "Europe/Berlin"`},
		{name: "bad locale", edit: limits(UserLimitsEdit{Locale: new("Local")}), wantErr: `time zone "Local"`},
		{name: "scoped user", before: Scope, edit: UserEdit{Tags: ListEdit{Add: []string{"x"}}}, want: `nats.tags: null -> ["x"]`},
	})
}

func TestHasPermissions(t *testing.T) {
	t.Parallel()
	if e := (UserEdit{Tags: ListEdit{Add: []string{"x"}}, Times: TimesEdit{Start: new(int64(1))}}); e.HasPermissions() || e.Empty() {
		t.Error("tags and times are no permissions")
	}
	for _, l := range []UserLimitsEdit{
		{Bearer: new(false)},
		{ProxyRequired: new(false)},
		{Payload: new(int64(1))},
		{Data: new(int64(1))},
		{Subs: new(int64(1))},
		{ConnectionTypes: ListEdit{Add: []string{"MQTT"}}},
		{SourceNetworks: ListEdit{Remove: []string{"x"}}},
		{TimeRanges: ListEdit{Add: []string{"x"}}},
		{Locale: new("")},
		{Permissions: PermissionsEdit{AllowPub: []string{"a"}}},
		{Permissions: PermissionsEdit{DenyPub: []string{"a"}}},
		{Permissions: PermissionsEdit{AllowSub: []string{"a"}}},
		{Permissions: PermissionsEdit{DenySub: []string{"a"}}},
		{Permissions: PermissionsEdit{AllowPubSub: []string{"a"}}},
		{Permissions: PermissionsEdit{DenyPubSub: []string{"a"}}},
		{Permissions: PermissionsEdit{Remove: []string{"a"}}},
		{Permissions: PermissionsEdit{ResponseMaxMsgs: new(1)}},
		{Permissions: PermissionsEdit{ResponseTTL: new(time.Second)}},
		{Permissions: PermissionsEdit{RemoveResponse: true}},
	} {
		if e := (UserEdit{Limits: l}); !e.HasPermissions() || e.Empty() {
			t.Errorf("HasPermissions(%+v) = false", l)
		}
	}
}
