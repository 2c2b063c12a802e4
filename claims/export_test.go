package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// exportAlone is an ExportEdit of the first export of an account.
type exportAlone struct{ ExportEdit }

func (e exportAlone) Apply(c *jwt.AccountClaims, _ time.Time) ([]Change, error) {
	return EditExport(c, 0, e.ExportEdit)
}

func TestExportEdit(t *testing.T) {
	t.Parallel()
	a, b := pub(t, nkeys.PrefixByteAccount), pub(t, nkeys.PrefixByteAccount)
	stream := func(c *jwt.AccountClaims) { *c.Exports[0] = jwt.Export{Subject: "a.*", Type: jwt.Stream} }
	service := func(c *jwt.AccountClaims) { *c.Exports[0] = jwt.Export{Subject: "a.*", Type: jwt.Service} }
	// full has everything that nsc's edit loses.
	full := func(c *jwt.AccountClaims) {
		*c.Exports[0] = jwt.Export{
			Name: "x", Subject: "a.*", Type: jwt.Service, ResponseType: jwt.ResponseTypeStream, ResponseThreshold: time.Second,
			Latency: &jwt.ServiceLatency{Sampling: 5, Results: "l"}, AccountTokenPosition: 2, Advertise: true, AllowTrace: true,
			Revocations: jwt.RevocationList{b: 5},
		}
	}
	edit := func(e ExportEdit) exportAlone { return exportAlone{e} }
	runEdits(t, func() *jwt.AccountClaims {
		c := NewAccount(a, "A")
		c.Exports.Add(&jwt.Export{Subject: "a.*", Type: jwt.Stream})
		return c
	}, []editTest[jwt.AccountClaims, exportAlone]{
		{name: "nothing", before: full},
		{name: "the rest stays", before: full, edit: edit(ExportEdit{Description: new("d")}), want: `nats.exports[0].description: null -> "d"`},
		{
			name: "every field", before: full, edit: edit(ExportEdit{
				Name: new("y"), Type: new(jwt.Service), Private: new(true), ResponseType: new("chunked"), ResponseThreshold: new(time.Minute),
				Latency: LatencyEdit{Subject: new("m"), Sampling: new(jwt.Headers)}, AccountTokenPosition: new(uint(0)), AllowTrace: new(false),
				Advertise: new(false), Description: new("d"), InfoURL: new("https://h"),
				Revocations: RevocationsEdit{Add: map[string]int64{jwt.All: 6}},
			}),
			want: `nats.exports[0].account_token_position: 2 -> null; nats.exports[0].advertise: true -> null; nats.exports[0].allow_trace: true -> null; ` +
				`nats.exports[0].description: null -> "d"; nats.exports[0].info_url: null -> "https://h"; nats.exports[0].name: "x" -> "y"; ` +
				`nats.exports[0].response_threshold: 1000000000 -> 60000000000; nats.exports[0].response_type: "Stream" -> "Chunked"; nats.exports[0].revocations.*: null -> 6; ` +
				`nats.exports[0].service_latency.results: "l" -> "m"; nats.exports[0].service_latency.sampling: 5 -> "headers"; nats.exports[0].token_req: null -> true`,
		},
		{name: "revoke", before: full, edit: edit(ExportEdit{Revocations: RevocationsEdit{Add: map[string]int64{b: 6}}}), want: `nats.exports[0].revocations.` + b + `: 5 -> 6`},
		{name: "revoke an earlier time", before: full, edit: edit(ExportEdit{Revocations: RevocationsEdit{Add: map[string]int64{b: 4}}}), wantErr: "cannot go back"},
		{name: "revoke a user", before: full, edit: edit(ExportEdit{Revocations: RevocationsEdit{Add: map[string]int64{pub(t, nkeys.PrefixByteUser): 4}}}), wantErr: "is neither an account public key"},
		{name: "revoke no more", before: full, edit: edit(ExportEdit{Revocations: RevocationsEdit{Remove: []string{b}}}), want: `nats.exports[0].revocations.` + b + `: 5 -> null`},
		{name: "revoke no more what is not", before: full, edit: edit(ExportEdit{Revocations: RevocationsEdit{Remove: []string{a}}}), wantErr: "does not exist"},

		{name: "become a service", before: stream, edit: edit(ExportEdit{Type: new(jwt.Service)}), want: `nats.exports[0].response_type: null -> "Singleton"; nats.exports[0].type: "stream" -> "service"`},
		{name: "become a stream", before: service, edit: edit(ExportEdit{Type: new(jwt.Stream)}), want: `nats.exports[0].type: "service" -> "stream"`},
		{name: "a stream with a latency", before: full, edit: edit(ExportEdit{Type: new(jwt.Stream)}), wantErr: "latency subject: only a service has one"},
		{name: "a service is single by default", before: service, edit: edit(ExportEdit{ResponseType: new("Singleton")})},
		{name: "response type", before: service, edit: edit(ExportEdit{ResponseType: new("some")}), wantErr: `response type "some": want one of Singleton, Stream, Chunked`},
		{name: "response type of a stream", before: stream, edit: edit(ExportEdit{ResponseType: new("Singleton")}), wantErr: "response type: only a service has one"},
		{name: "threshold of a stream", before: stream, edit: edit(ExportEdit{ResponseThreshold: new(time.Second)}), wantErr: "response threshold: only a service has one"},
		{name: "negative threshold", before: service, edit: edit(ExportEdit{ResponseThreshold: new(-time.Second)}), wantErr: "is negative"},
		{name: "trace of a stream", before: stream, edit: edit(ExportEdit{AllowTrace: new(true)}), wantErr: "trace: only a service has one"},
		{name: "latency of a stream", before: stream, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("l")}}), wantErr: "latency subject: only a service has one"},
		{name: "all are measured", before: service, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("l")}}), want: `nats.exports[0].service_latency.results: null -> "l"; nats.exports[0].service_latency.sampling: null -> 100`},
		{name: "sampling stays", before: full, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("m")}}), want: `nats.exports[0].service_latency.results: "l" -> "m"`},
		{name: "no latency", before: full, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("")}}), want: `nats.exports[0].service_latency.results: "l" -> null; nats.exports[0].service_latency.sampling: 5 -> null`},
		{name: "sampling of nothing", before: service, edit: edit(ExportEdit{Latency: LatencyEdit{Sampling: new(jwt.Headers)}}), wantErr: "latency sampling: needs a latency subject"},
		{name: "latency wildcard", before: service, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("l.>")}}), wantErr: `latency subject "l.>": may not have wildcards`},
		{name: "bad latency subject", before: service, edit: edit(ExportEdit{Latency: LatencyEdit{Subject: new("l..m")}}), wantErr: `latency subject "l..m": contains an empty token`},
		{name: "position", before: stream, edit: edit(ExportEdit{AccountTokenPosition: new(uint(2))}), want: `nats.exports[0].account_token_position: null -> 2`},
		{name: "position beyond", before: stream, edit: edit(ExportEdit{AccountTokenPosition: new(uint(3))}), wantErr: "account token position 3: the subject has 2 tokens"},
		{name: "position of a word", before: stream, edit: edit(ExportEdit{AccountTokenPosition: new(uint(1))}), wantErr: `account token position 1: is "a" in the subject, not *`},
		{name: "position of a private one", before: full, edit: edit(ExportEdit{Private: new(true)}), wantErr: "account token position 2: only a public export has one"},
		{name: "bad description", before: stream, edit: edit(ExportEdit{Description: new(strings.Repeat("x", jwt.MaxInfoLength+1))}), wantErr: "longer than 8192 bytes"},
		{name: "bad info URL", before: stream, edit: edit(ExportEdit{InfoURL: new("junk")}), wantErr: `info URL "junk"`},
		{
			name: "old faults do not stop an edit", before: func(c *jwt.AccountClaims) { stream(c); c.Exports[0].AllowTrace = true },
			edit: edit(ExportEdit{Name: new("x")}), want: `nats.exports[0].name: null -> "x"`,
		},
		{
			name: "become the same as another", before: func(c *jwt.AccountClaims) {
				stream(c)
				c.Exports.Add(&jwt.Export{Subject: "a.*", Type: jwt.Service})
			},
			edit: edit(ExportEdit{Type: new(jwt.Service)}), wantErr: `export "a.*": exists already, as a service`,
		},
	})
}

func TestApplyToExport(t *testing.T) {
	t.Parallel()
	x := &jwt.Export{Subject: "a", Type: jwt.Service, Latency: &jwt.ServiceLatency{Sampling: 5, Results: "l"}}
	kept := *x
	changes, err := ExportEdit{Latency: LatencyEdit{Sampling: new(jwt.SamplingRate(6))}}.Apply(x)
	if got, want := show(t, changes), `service_latency.sampling: 5 -> 6`; got != want || err != nil {
		t.Errorf("got  %s, error %v\nwant %s", got, err, want)
	}
	if x.Latency.Sampling != 6 || kept.Latency.Sampling != 5 {
		t.Errorf("sampling is %d, and was %d", x.Latency.Sampling, kept.Latency.Sampling)
	}
}

func TestAddExport(t *testing.T) {
	t.Parallel()
	a := pub(t, nkeys.PrefixByteAccount)
	limited := func(c *jwt.AccountClaims) { c.Limits.Exports, c.Limits.WildcardExports = 3, false }
	tests := []struct {
		name    string
		before  func(c *jwt.AccountClaims)
		subject string
		edit    ExportEdit
		want    string
		wantErr string
	}{
		{name: "stream", subject: "b.x", want: `nats.exports[1]: null -> {"name":"b.x","subject":"b.x","type":"stream"}`},
		{name: "service", subject: "z", edit: ExportEdit{Type: new(jwt.Service), Name: new("n")}, want: `nats.exports[2]: null -> {"name":"n","response_type":"Singleton","subject":"z","type":"service"}`},
		{name: "another type", subject: "m.*", edit: ExportEdit{Type: new(jwt.Service)}, want: `nats.exports[2]: null -> {"name":"m.*","response_type":"Singleton","subject":"m.*","type":"service"}`},
		{name: "the same", subject: "m.*", wantErr: `export "m.*": exists already, as a stream`},
		{name: "part of another", subject: "m.x", wantErr: `export "m.x": overlaps the stream "m.*"`},
		{name: "more than another", subject: "m.>", wantErr: `export "m.>": overlaps the stream "m.*"`},
		{name: "empty subject", wantErr: `export "": is empty`},
		{name: "bad subject", subject: "a b", wantErr: `export "a b": contains a blank`},
		{name: "wildcard in the middle", subject: "z.>.z", wantErr: `contains ">" before its end`},
		{name: "everything wrong", subject: "z..z", edit: ExportEdit{AllowTrace: new(true)}, wantErr: "empty token\nexport \"z..z\": trace: only a service"},
		{name: "last one allowed", before: limited, subject: "z", want: `nats.exports[2]: null -> {"name":"z","subject":"z","type":"stream"}`},
		{name: "no wildcards allowed", before: limited, subject: "z.*", wantErr: `limit "wildcard_exports": does not allow wildcards`},
		{name: "too many", before: func(c *jwt.AccountClaims) { c.Limits.Exports = 2 }, subject: "z", wantErr: `limit "exports": allows 2, and the account has 2`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := NewAccount(a, "A")
			c.Exports.Add(&jwt.Export{Subject: "b", Type: jwt.Stream}, &jwt.Export{Subject: "m.*", Type: jwt.Stream})
			if tt.before != nil {
				tt.before(c)
			}
			was := stamped(t, c)
			changes, err := addExport(c, tt.subject, throughJSON(t, tt.edit))
			if got := show(t, changes); got != tt.want {
				t.Errorf("changes\n got %s\nwant %s", got, tt.want)
			}
			if tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
			if (stamped(t, c) == was) != (err != nil) {
				t.Errorf("claims are now %s", stamped(t, c))
			}
		})
	}
}

func addExport(c *jwt.AccountClaims, subject string, e ExportEdit) ([]Change, error) {
	x, err := NewExport(subject, e)
	if err != nil {
		return nil, err
	}
	return AddExport(c, x)
}

func TestFindAndRemoveExport(t *testing.T) {
	t.Parallel()
	c := NewAccount(pub(t, nkeys.PrefixByteAccount), "A")
	c.Exports.Add(
		&jwt.Export{Name: "x", Subject: "a", Type: jwt.Stream},
		&jwt.Export{Name: "x", Subject: "a", Type: jwt.Service},
		&jwt.Export{Name: "y", Subject: "b", Type: jwt.Service},
	)
	for want, ref := range map[string]ExportRef{
		"[0 1 2]": {},
		"[0 1]":   {Subject: "a"},
		"[1]":     {Subject: "a", Type: jwt.Service},
		"[1 2]":   {Type: jwt.Service},
		"[2]":     {Name: "y", Subject: "b"},
		"[]":      {Name: "y", Subject: "a"},
	} {
		if got := fmt.Sprint(FindExports(c, ref)); got != want {
			t.Errorf("%+v: found %s, want %s", ref, got, want)
		}
	}
	kept := slices.Clone(c.Exports)
	before := c.Exports
	changes, err := RemoveExport(c, 1)
	if got, want := show(t, changes), `nats.exports[1]: {"name":"x","subject":"a","type":"service"} -> null`; got != want || err != nil {
		t.Errorf("got  %s, error %v\nwant %s", got, err, want)
	}
	if len(c.Exports) != 2 || !slices.Equal(before, kept) {
		t.Errorf("left %d, and of the list before %v", len(c.Exports), before)
	}
	if _, err := addExport(c, "b", ExportEdit{Type: new(jwt.Service)}); !errors.Is(err, ErrPresent) {
		t.Errorf("error %v does not wrap ErrPresent", err)
	}
}

// TestExportsPassValidation holds that jwt, and so nats-server, accepts every
// export that is accepted here, whatever is combined.
func TestExportsPassValidation(t *testing.T) {
	t.Parallel()
	accepted := 0
	for n := range 1 << 10 {
		bit := func(i int) bool { return n>>i&1 == 1 }
		x := &jwt.Export{Subject: "a.*", Type: jwt.Stream, TokenReq: bit(0), AllowTrace: bit(1)}
		if bit(2) {
			x.Type = jwt.Service
		}
		if bit(3) {
			x.ResponseType = jwt.ResponseTypeChunked
		}
		if bit(4) {
			x.ResponseThreshold = time.Second
		}
		if bit(5) {
			x.Latency = &jwt.ServiceLatency{Results: "l"}
		}
		if bit(6) {
			x.AccountTokenPosition = 2
		}
		if bit(7) {
			x.AccountTokenPosition++
		}
		if bit(8) {
			x.Subject = "a.b"
		}
		if bit(9) {
			x.ResponseType += "x"
		}
		if len(exportProblems(x)) > 0 {
			continue
		}
		accepted++
		vr := jwt.CreateValidationResults()
		x.Validate(vr)
		if vr.IsBlocking(false) {
			t.Errorf("%+v: %v", x, vr.Errors())
		}
	}
	if accepted < 50 {
		t.Errorf("accepted %d only", accepted)
	}
}

func TestParseSampling(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]jwt.SamplingRate{"1": 1, "100": 100, "50%": 50, "header": jwt.Headers, "HEADERS": jwt.Headers} {
		if got, err := ParseSampling(in); got != want || err != nil {
			t.Errorf("%q: got %d, error %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0", "101", "-1", "1.5", "head", "%"} {
		if got, err := ParseSampling(in); err == nil {
			t.Errorf("%q: got %d and no error", in, got)
		}
	}
}
