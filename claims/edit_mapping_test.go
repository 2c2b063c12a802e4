package claims

import (
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestMappingEdit(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	set := func(targets ...MappingTarget) AccountEdit { return AccountEdit{Mappings: MappingEdit{Set: targets}} }
	remove := func(refs ...MappingRef) AccountEdit { return AccountEdit{Mappings: MappingEdit{Remove: refs}} }
	four := func(c *jwt.AccountClaims) {
		c.Mappings = jwt.Mapping{"x": {{Subject: "m1", Weight: 10}, {Subject: "m2", Weight: 20}, {Subject: "m3", Cluster: "c"}, {Subject: "m4", Weight: 40}}}
	}
	broken := func(c *jwt.AccountClaims) { c.Mappings = jwt.Mapping{"x": {{Subject: "y.$1"}}} }
	field := "nats.mappings.x[0]"
	runEdits(t, func() *jwt.AccountClaims { return NewAccount(a, "A") }, []editTest[jwt.AccountClaims, AccountEdit]{
		{name: "one", edit: set(MappingTarget{From: "x", To: "y"}), want: field + `: null -> {"subject":"y"}`},
		{name: "beside others", before: four, edit: set(MappingTarget{From: "x", To: "y", Weight: 30}), want: `nats.mappings.x[4]: null -> {"subject":"y","weight":30}`},
		{name: "another weight", before: four, edit: set(MappingTarget{From: "x", To: "m1", Weight: 40}), want: field + `.weight: 10 -> 40`},
		{name: "the same weight", before: four, edit: set(MappingTarget{From: "x", To: "m3", Weight: 100, Cluster: "c"})},
		{name: "more than all", before: four, edit: set(MappingTarget{From: "x", To: "y", Weight: 31}), wantErr: "weigh 101 percent together"},
		{name: "more than all in a cluster", before: four, edit: set(MappingTarget{From: "x", To: "y", Weight: 1, Cluster: "c"}), wantErr: `in cluster "c" weigh 101 percent`},
		{name: "all in another cluster", before: four, edit: set(MappingTarget{From: "x", To: "y", Cluster: "d"}), want: `nats.mappings.x[4]: null -> {"cluster":"d","subject":"y"}`},
		{name: "one target in two clusters", before: four, edit: set(MappingTarget{From: "x", To: "m1", Cluster: "d"}), wantErr: `has the target "m1" twice`},
		{name: "too much for one", edit: set(MappingTarget{From: "x", To: "y", Weight: 255}), wantErr: "weigh 255 percent"},
		{name: "no token to take", edit: set(MappingTarget{From: "x", To: "y.$1"}), wantErr: `takes the token 1, and the subject has no "*"`},
		{name: "no subject", edit: set(MappingTarget{From: "x..", To: "y"}), wantErr: `mapping "x..": contains an empty token`},
		{name: "no target", edit: set(MappingTarget{From: "x"}), wantErr: `target "": is empty`},
		{name: "no cluster", edit: set(MappingTarget{From: "x", To: "y", Cluster: "c d"}), wantErr: `cluster "c d"`},
		{name: "broken elsewhere", before: broken, edit: set(MappingTarget{From: "z", To: "y"}), want: `nats.mappings.z[0]: null -> {"subject":"y"}`},
		{name: "mended", before: broken, edit: AccountEdit{Mappings: MappingEdit{Remove: []MappingRef{{From: "x"}}, Set: []MappingTarget{{From: "x", To: "y"}}}}, want: field + `: null -> {"subject":"y"}; ` + field + `: {"subject":"y.$1"} -> null`},

		{name: "remove all", before: four, edit: remove(MappingRef{From: "x"}), want: field + `: {"subject":"m1","weight":10} -> null; nats.mappings.x[1]: {"subject":"m2","weight":20} -> null; nats.mappings.x[2]: {"cluster":"c","subject":"m3"} -> null; nats.mappings.x[3]: {"subject":"m4","weight":40} -> null`},
		// nsc's F8: it takes m4 along with m3, and panics on m4.
		{name: "remove the third", before: four, edit: remove(MappingRef{From: "x", To: "m3"}), want: `nats.mappings.x[2]: {"cluster":"c","subject":"m3"} -> null`},
		{name: "remove the last", before: four, edit: remove(MappingRef{From: "x", To: "m4"}), want: `nats.mappings.x[3]: {"subject":"m4","weight":40} -> null`},
		{name: "remove those of a cluster", before: four, edit: remove(MappingRef{From: "x", Cluster: new("c")}), want: `nats.mappings.x[2]: {"cluster":"c","subject":"m3"} -> null`},
		{name: "remove one that is in another cluster", before: four, edit: remove(MappingRef{From: "x", To: "m1", Cluster: new("c")}), wantErr: `mapping "x" to "m1" in cluster "c": does not exist`},
		{name: "remove those of no cluster", before: four, edit: remove(MappingRef{From: "x", Cluster: new("")}), want: field + `: {"subject":"m1","weight":10} -> null; nats.mappings.x[1]: {"subject":"m2","weight":20} -> null; nats.mappings.x[3]: {"subject":"m4","weight":40} -> null`},
		{name: "remove an absent one", before: four, edit: remove(MappingRef{From: "y"}), wantErr: `mapping "y": does not exist`},
		{name: "remove one twice", before: four, edit: remove(MappingRef{From: "x", To: "m1"}, MappingRef{From: "x", To: "m1"}), wantErr: `mapping "x" to "m1": does not exist`},
	})
}

func TestCheckMappings(t *testing.T) {
	t.Parallel()
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	c.Mappings = jwt.Mapping{"x": {{Subject: "y.$1"}}, "z.*": {{Subject: "y.$1"}}}
	issues := Check(c, epoch())
	if len(issues) != 1 || issues[0].Level != LevelError || issues[0].Field != "nats.mappings.x" {
		t.Errorf("issues %+v", issues)
	}
}
