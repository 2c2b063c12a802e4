package claims

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// serverTakes reports whether nats-server takes a target of a mapping.
func serverTakes(from, to string) bool {
	return server.IsValidSubject(from) && to != "" && server.ValidateMapping(from, to) == nil
}

// TestTransforms compares what we take with what nats-server does.
func TestTransforms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		want     bool
		stricter bool // than the server
	}{
		{from: "a", to: "b", want: true},
		{from: "a", to: "$SYS.b", want: true},
		{from: "a", to: "$1"},
		{from: "a", to: "b.*"},
		{from: "a", to: "b.>"},
		{from: "a", to: "b..c"},
		{from: "a b", to: "c"},
		{from: "a", to: "b.{{x", want: true},
		{from: "a", to: "{{}}", want: true},
		{from: "a", to: "{{random(3)}}", want: true},
		{from: "a", to: "{{Partition(3)}}", want: true},
		{from: "a", to: "{{Partition(3,1)}}", want: true},
		{from: "a", to: "{{wildcard(1)}}"},
		{from: "a.>", to: "b.>", want: true},
		{from: "a.>", to: "b"},
		{from: "a.>", to: "b.$1.>"},
		{from: "a.*.>", to: "b.$1.>", want: true},
		{from: "a.*", to: "b", want: true},
		{from: "a.*", to: "b.>"},
		{from: "a.*", to: "b.$1", want: true},
		{from: "a.*", to: "b.$0", stricter: true},
		{from: "a.*", to: "b.$2"},
		{from: "a.*.*", to: "b.$2.$1.$1", want: true},
		{from: "a.*", to: "{{wildcard(1)}}", want: true},
		{from: "a.*", to: "{{Wildcard(1)}}", want: true},
		{from: "a.*", to: "{{WILDCARD(1)}}"},
		{from: "a.*", to: "{{wildcard(2)}}"},
		{from: "a.*", to: "{{wildcard(-1)}}", stricter: true},
		{from: "a.*", to: "{{wildcard()}}"},
		{from: "a.*", to: "{{wildcard(1,1)}}"},
		{from: "a.*", to: "{{wildcard(x)}}"},
		{from: "a.*", to: "{{wildcard1}}"},
		{from: "a.*", to: "{{unknown(1)}}"},
		{from: "a.*", to: "{{partition(10,1)}}", want: true},
		{from: "a.*.*", to: "{{partition(10,1,2)}}", want: true},
		{from: "a.*", to: "{{partition(10,1,2)}}"},
		{from: "a.*", to: "{{partition(0,1)}}", stricter: true},
		{from: "a.*", to: "{{partition(99999999999,1)}}"},
		{from: "a.*", to: "{{split(1,-)}}", want: true},
		{from: "a.*", to: "{{split(1)}}"},
		{from: "a.*", to: "{{splitFromLeft(1,2)}}", want: true},
		{from: "a.*", to: "{{SplitfromRight(1,2)}}", want: true},
		{from: "a.*", to: "{{SliceFromleft(1,2)}}", want: true},
		{from: "a.*", to: "{{slicefromright(1,2)}}", want: true},
		{from: "a.*", to: "{{slicefromright(1,x)}}"},
		{from: "a.*", to: "{{left(1,2)}}", want: true},
		{from: "a.*", to: "{{right(1,2,3)}}"},
	} {
		err := transformProblem(tt.from, tt.to)
		if got := err == nil; got != tt.want {
			t.Errorf("%q to %q: error %v", tt.from, tt.to, err)
		}
		if got := serverTakes(tt.from, tt.to); got != (tt.want || tt.stricter) {
			t.Errorf("%q to %q: nats-server takes it: %v", tt.from, tt.to, got)
		}
	}
}

// FuzzTransform holds that nats-server takes every target that we let pass.
func FuzzTransform(f *testing.F) {
	for _, to := range []string{"b.$1", "{{wildcard(1)}}", "{{partition(10,1,2)}}.>", "{{split(2,-)}}", "{{Left(1,3)}}", "{{random(9)}}", "{{x{{wildcard(1)}}"} {
		f.Add("a.*.*", to)
		f.Add("a.>", to)
		f.Add("a", to)
	}
	f.Fuzz(func(t *testing.T, from, to string) {
		if err := transformProblem(from, to); err == nil && !serverTakes(from, to) {
			t.Errorf("%q to %q: nats-server refuses it", from, to)
		}
	})
}
