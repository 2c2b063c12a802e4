package render

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// changed shows how before becomes after.
func changed(t *testing.T, before, after jwt.Claims) string {
	t.Helper()
	changes, err := claims.Diff(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return lines(t, changes)
}

func lines(t *testing.T, changes []claims.Change) string {
	t.Helper()
	return strings.TrimSuffix(string(show(t, Options{}, changesView(changes))), "\n")
}

type changesView []claims.Change

func (v changesView) Text(t *Text) { t.Changes(v, "") }

func TestChangesOfAccounts(t *testing.T) {
	t.Parallel()
	a, sk := accountID(t, 1), accountID(t, 2)
	blank := func() *jwt.AccountClaims { return claims.NewAccount(a, "A") }
	exporting := func(c *jwt.AccountClaims) {
		c.Exports.Add(&jwt.Export{Subject: "q.*", Type: jwt.Service, TokenReq: true, Latency: &jwt.ServiceLatency{Results: "l"}})
	}
	scoped := func(c *jwt.AccountClaims) {
		s := jwt.NewUserScope()
		s.Key, s.Role = sk, "r1"
		s.Template.Pub.Allow.Add("a", "b")
		s.Template.Payload, s.Template.Data = 1024, 0
		c.SigningKeys.AddScopedSigner(s)
	}
	tests := []struct {
		name        string
		before, now func(*jwt.AccountClaims)
		want        string
	}{
		{name: "limits", now: func(c *jwt.AccountClaims) {
			c.Limits.Conn, c.Limits.Data, c.Limits.Payload, c.Limits.WildcardExports, c.Limits.DisallowBearer = 10, 1e9, 1500001, false, true
			c.Limits.DiskStorage = -1
		}, want: `
  max connections              unlimited → 10
  max data                     unlimited → 1.0 GB
  bearer tokens allowed        yes → no
  max msg payload              unlimited → 1.5 MB (1500001 bytes)
  wildcard exports             yes → no
  JetStream: max disk storage  disabled → unlimited`},
		{name: "0 is no absence", now: func(c *jwt.AccountClaims) { c.Limits.Conn = 0 }, want: `
  max connections  unlimited → 0`},
		{name: "JetStream", now: func(c *jwt.AccountClaims) { c.Limits.DiskStorage, c.Limits.Streams = 10<<30, -1 }, want: `
  JetStream: max disk storage  disabled → 10 GiB`},
		{name: "in other words", now: func(c *jwt.AccountClaims) { c.Limits.Streams = -1 }, want: `
  JetStream: max streams  unlimited (none) → unlimited (-1)`},
		{name: "tiers", now: func(c *jwt.AccountClaims) {
			c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{"R.3": {DiskStorage: 1000, Streams: 5}}
		}, want: `
  JetStream R.3: max disk storage  disabled → 1.0 kB
  JetStream R.3: max streams       unlimited → 5`},
		{name: "times and texts", now: func(c *jwt.AccountClaims) {
			c.Expires, c.NotBefore, c.Description, c.Name = 1893456000, 1893455999, "d", "B"
		}, want: `
  expires      never → 2030-01-01T00:00:00Z
  name         A → B
  description  none → d
  valid from   none → 2029-12-31T23:59:59Z`},
		{name: "lists", before: func(c *jwt.AccountClaims) { c.Tags.Add("x", "y") }, now: func(c *jwt.AccountClaims) { c.Tags.Add("y", "z") }, want: `
  tags        - x
  tags        + z`},
		{name: "another order", before: func(c *jwt.AccountClaims) { c.Tags = jwt.TagList{"x", "y"} }, now: func(c *jwt.AccountClaims) { c.Tags = jwt.TagList{"y", "x"} }, want: `
  tags        ["x","y"] → ["y","x"]`},
		{name: "default permissions, trace", now: func(c *jwt.AccountClaims) {
			c.DefaultPermissions.Pub.Allow.Add("foo.>")
			c.DefaultPermissions.Resp = &jwt.ResponsePermission{MaxMsgs: 5, Expires: time.Minute}
			c.Trace = &jwt.MsgTrace{Destination: "t", Sampling: 50}
		}, want: `
  default permissions: pub allow      + foo.>
  default permissions: max responses  none → 5
  default permissions: response time  none → 1m0s
  trace subject                       none → t
  trace sampling                      none → 50%`},
		{name: "export", now: exporting, want: `
  exports     + q.* (service, private, latency l, latency sampling by header)`},
		{name: "inside of an export", before: exporting, now: func(c *jwt.AccountClaims) {
			exporting(c)
			c.Exports[0].TokenReq, c.Exports[0].ResponseThreshold, c.Exports[0].Latency.Sampling = false, time.Second, 5
			c.Exports[0].Revocations = jwt.RevocationList{a: 1893456000}
		}, want: `
  export q.*: response within   none → 1s
  export q.*: revocations       + ` + a + `, issued until 2030-01-01T00:00:00Z
  export q.*: latency sampling  by header → 5%
  export q.*: public            no → yes`},
		{name: "import", now: func(c *jwt.AccountClaims) {
			c.Imports.Add(&jwt.Import{Name: "i.>", Subject: "i.>", Account: sk, Type: jwt.Stream, LocalSubject: "l.>", Share: true})
		}, want: `
  imports     + i.> (stream, from account ` + sk + `, local l.>, share)`},
		{name: "mapping", before: func(c *jwt.AccountClaims) {
			c.Mappings = jwt.Mapping{"x.[0].y": {{Subject: "p", Weight: 50}, {Subject: "p", Weight: 9, Cluster: "EU"}}}
		}, now: func(c *jwt.AccountClaims) {
			c.Mappings = jwt.Mapping{"x.[0].y": {{Subject: "p", Weight: 60}, {Subject: "p", Weight: 8, Cluster: "EU"}}, "w": {{Subject: "v"}}}
		}, want: `
  mappings                            + w to v
  mapping x.[0].y to p: weight        50% → 60%
  mapping x.[0].y to p in EU: weight  9% → 8%`},
		{name: "revocations", before: func(c *jwt.AccountClaims) { c.Revocations = jwt.RevocationList{"*": 1893455999, "U1": 1893455999} }, now: func(c *jwt.AccountClaims) {
			c.Revocations = jwt.RevocationList{"*": 1893456000, "U2": 1893456000}
		}, want: `
  revocation * (all): issued until  2029-12-31T23:59:59Z → 2030-01-01T00:00:00Z
  revocations                       - U1, issued until 2029-12-31T23:59:59Z
  revocations                       + U2, issued until 2030-01-01T00:00:00Z`},
		{name: "role", now: scoped, want: `
  signing keys              + ` + sk + ` / role r1
  role r1: pub allow        + a
  role r1: pub allow        + b
  role r1: max data         0 bytes
  role r1: max msg payload  1.0 KiB`},
		{name: "a key gets a role", before: func(c *jwt.AccountClaims) { c.SigningKeys.Add(sk) }, now: scoped, want: `
  signing keys              ` + sk + ` → ` + sk + ` / role r1
  role r1: pub allow        + a
  role r1: pub allow        + b
  role r1: max data         0 bytes
  role r1: max msg payload  1.0 KiB`},
		{name: "inside of a role", before: scoped, now: func(c *jwt.AccountClaims) {
			scoped(c)
			s := c.SigningKeys[sk].(*jwt.UserScope)
			s.Template.Pub.Allow, s.Template.Times = jwt.StringList{"b", "c"}, []jwt.TimeRange{{Start: "08:00:00", End: "18:00:00"}}
			s.Role = "r2"
		}, want: `
  signing key ` + sk + `: role  r1 → r2
  role r2: pub allow         - a
  role r2: pub allow         + c
  role r2: connection times  + 08:00:00 - 18:00:00`},
		{name: "hostile", now: func(c *jwt.AccountClaims) { c.Description = "\x1b[2J\nexpires  never" }, want: `
  description  none → \x1b[2J\nexpires  never`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before, after := blank(), blank()
			if tt.before != nil {
				tt.before(before)
			}
			tt.now(after)
			if got := "\n" + changed(t, before, after); got != tt.want {
				t.Errorf("got%s\nwant%s", got, tt.want)
			}
		})
	}
}

// TestUnknownFields holds that what has no name is shown by its path, whatever it
// holds, and that nothing panics.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"new":                            "  new         none → {\"a\":\">\"}",
		"nats.limits.new":                "  nats.limits.new  none → {\"a\":\">\"}",
		"nats.exports[0].name":           "  nats.exports[0].name  none → {\"a\":\">\"}", // of no one knows which
		"nats.mappings.x":                "  nats.mappings.x  none → {\"a\":\">\"}",
		"nats.limits.conn":               "  max connections  0 → {\"a\":\">\"}",
		"nats.limits.tiered_limits.R1":   "  nats.limits.tiered_limits.R1  none → {\"a\":\">\"}",
		"nats.limits.tiered_limits.R1.x": "  nats.limits.tiered_limits.R1.x  none → {\"a\":\">\"}",
		"nats.revocations.U":             "  revocations  + U, issued until {\"a\":\">\"}",
	} {
		got := lines(t, []claims.Change{{Field: path, To: map[string]any{"a": ">"}}})
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", path, got, want)
		}
	}
}

// TestUnset holds that a zero which JSON leaves out is one, or is nothing.
func TestUnset(t *testing.T) {
	t.Parallel()
	unset, five := Unset{json.Number("0")}, json.Number("5")
	if data, err := json.Marshal(claims.Change{Field: "f", From: unset, To: Unset{false}}); err != nil || string(data) != `{"field":"f","from":0,"to":false}` {
		t.Errorf("%s, %v", data, err)
	}
	for path, want := range map[string]string{
		"nats.subs": "  max subscriptions  0 → 5", "nats.resp.max": "  max responses  none → 5", "nats.limits.streams": "  JetStream: max streams  unlimited → 5",
	} {
		if got := lines(t, []claims.Change{{Field: path, From: unset, To: five}}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestActivations holds that a new activation is told of, and not shown.
func TestActivations(t *testing.T) {
	t.Parallel()
	kp, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	activation := func(expires int64) string {
		c := jwt.NewActivationClaims(accountID(t, 1))
		c.ImportSubject, c.ImportType, c.Expires = "a", jwt.Stream, expires
		token, err := c.Encode(kp)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first, second := activation(1893456000), activation(0)
	change := claims.Change{Field: "nats.imports[0].token", From: first, To: second, Within: map[string]any{"subject": "a"}}
	if got, want := lines(t, []claims.Change{change}), "  import a: activation  expires 2030-01-01T00:00:00Z → never expires"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	change.From = second[:20] + second[21:]
	change.To = second[:20] + second[22:]
	if got := lines(t, []claims.Change{change}); len(got) > 200 || !strings.Contains(got, "invalid (") {
		t.Errorf("got %q", got)
	}
}

// TestEveryFieldHasWords walks the claims of the jwt library: none of their fields
// is shown by its path.
func TestEveryFieldHasWords(t *testing.T) {
	t.Parallel()
	fields := 0
	for _, c := range []any{jwt.OperatorClaims{}, jwt.AccountClaims{}, jwt.UserClaims{}, jwt.ActivationClaims{}} {
		walk(reflect.TypeOf(c), "", nil, func(path string, to any, within map[string]any) {
			fields++
			change := claims.Change{Field: path, To: to}
			if within != nil {
				change.Within = within
			}
			lines := tell(change)
			if len(lines) == 0 {
				t.Errorf("%s: nothing is told", path)
			}
			for _, l := range lines {
				if l.name == path && path != "name" || strings.Contains(l.name, "_") || strings.ContainsAny(l.value, `{["`) {
					t.Errorf("%s: %s  %s", path, l.name, l.value)
				}
			}
		})
	}
	if fields < 130 {
		t.Errorf("%d fields were found", fields)
	}
}

// walk visits every field of a type of claims by its path in JSON, with a value.
func walk(of reflect.Type, path string, within map[string]any, visit func(path string, to any, within map[string]any)) {
	element := map[string]any{"subject": "s", "key": "K", "role": "r", "start": "08:00:00", "end": "18:00:00"}
	switch {
	case of == reflect.TypeFor[jwt.SigningKeys](): // JSON writes it as a list
		visit(path+"[0]", "K", nil)
		visit(path+"[0]", element, nil)
		walk(reflect.TypeFor[jwt.UserScope](), path+"[0]", element, visit)
	case of == reflect.TypeFor[jwt.ExportType](), of == reflect.TypeFor[jwt.ScopeType](), of.Kind() == reflect.String:
		visit(path, "x", within)
	case of.Kind() == reflect.Pointer:
		walk(of.Elem(), path, within, visit)
	case of.Kind() == reflect.Struct:
		walkStruct(of, path, within, visit)
	case of.Kind() == reflect.Map:
		walk(of.Elem(), path+".KEY", within, visit)
	case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.String:
		visit(path, []any{"x"}, within)
	case of == reflect.TypeFor[[]jwt.TimeRange](): // which do not change, but come and go
		visit(path+"[0]", element, within)
	case of.Kind() == reflect.Slice:
		visit(path+"[0]", element, within)
		walk(of.Elem(), path+"[0]", element, visit)
	case of.Kind() == reflect.Bool:
		visit(path, true, within)
	default:
		visit(path, json.Number("7"), within)
	}
}

func walkStruct(of reflect.Type, path string, within map[string]any, visit func(path string, to any, within map[string]any)) {
	for field := range of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		sub := path
		switch {
		case name != "" && path != "":
			sub += "." + name
		case name != "":
			sub = name
		case !field.Anonymous:
			continue // is not in JSON
		}
		walk(field.Type, sub, within, visit)
	}
}

// TestOneVocabulary holds that a field is described by the name and in the words in
// which its changes are told.
func TestOneVocabulary(t *testing.T) {
	t.Parallel()
	now := time.Unix(1893456000, 0)
	for _, of := range []struct {
		claims jwt.Claims
		view   View
	}{
		{fullAccount(t), Account(fullAccount(t), nil, now)}, {fullOperator(t), Operator(fullOperator(t), nil, now)}, {fullUser(t), User(fullUser(t), nil, nil, now)},
	} {
		rows := phrases(string(show(t, Options{}, of.view)))
		all := object(t, of.claims)
		known := 0
		for _, w := range join(claimWords(), limitWords().under("nats.limits."), jetStreamWords().under("nats.limits.")) {
			// What a description adds to: how far off a time is, what kind of id it is.
			if slices.Contains([]string{"exp", "nbf", "iat", "sub"}, w.field) {
				continue
			}
			v, ok := at(all, w.field)
			if !ok || isList(v) {
				continue
			}
			known++
			if row := phrase(w.label) + ": " + phrase(w.read(v)); !rows[Escape(row)] {
				t.Errorf("%s: %q is in no description", w.field, row)
			}
		}
		if known < 4 {
			t.Errorf("%d fields are known", known)
		}
	}
}

// phrases are the rows of tables with two columns.
func phrases(tables string) map[string]bool {
	rows := map[string]bool{}
	for row := range strings.Lines(tables) {
		if cells := strings.Split(strings.Trim(row, "│\n"), "│"); len(cells) == 2 {
			rows[phrase(strings.TrimSpace(cells[0]))+": "+phrase(strings.TrimSpace(cells[1]))] = true
		}
	}
	return rows
}

// object is the JSON form of claims, with numbers as they are written.
func object(t *testing.T, c jwt.Claims) (all map[string]any) {
	t.Helper()
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber()
	if err := dec.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReading holds that a value is said in the words in which its changes are told.
func TestReading(t *testing.T) {
	t.Parallel()
	ac := claims.NewAccount(accountID(t, 1), "A")
	ac.Limits.Conn, ac.Limits.DiskStorage, ac.Tags = 0, 10<<30, jwt.TagList{"x", "y"}
	scope := jwt.NewUserScope()
	scope.Template.BearerToken, scope.Template.Times = true, []jwt.TimeRange{{Start: "08:00:00", End: "18:00:00"}}
	export := &jwt.Export{Subject: "s", Type: jwt.Service, Latency: &jwt.ServiceLatency{Results: "l"}}
	for _, tt := range []struct {
		of    any
		field string
		want  []string
	}{
		{ac, "nats.limits.conn", []string{"0"}},
		{ac, "nats.limits.data", []string{"unlimited"}},
		{ac, "nats.limits.disk_storage", []string{"10 GiB"}},
		{ac, "nats.limits.mem_storage", []string{"disabled"}},
		{ac, "nats.limits.tiered_limits.R3.streams", []string{"unlimited"}},
		{ac, "nats.limits.disallow_bearer", []string{"yes"}},
		{ac, "nats.tags", []string{"x", "y"}},
		{ac, "nats.description", nil},
		{ac, "nats.default_permissions.resp.max", nil},
		{ac, "exp", []string{"never"}},
		{ac, "nbf", nil},
		{ac, "nats.unknown", nil},
		{scope, "template.bearer_token", []string{"yes"}},
		{scope, "template.times", []string{"08:00:00 - 18:00:00"}},
		{scope, "template.subs", []string{"unlimited"}},
		{export, "response_type", []string{"Singleton"}},
		{export, "service_latency.sampling", []string{"by header"}},
		{export, "response_threshold", nil},
		{export, "allow_trace", []string{"no"}},
	} {
		got, err := Reading(tt.of, tt.field)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v, not %q", tt.field, got, err, tt.want)
		}
	}
	if _, err := Reading(&jwt.Export{Type: 9}, "type"); err == nil {
		t.Error("what cannot be written as JSON is read")
	}
}
