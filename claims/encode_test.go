package claims

import (
	"bytes"
	"crypto/sha512"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const nkeyHeader = `{"typ":"JWT","alg":"ed25519-nkey"}`

// encode signs c again with kp.
func encode(tb testing.TB, c jwt.Claims, previous string, kp nkeys.KeyPair) (string, error) {
	tb.Helper()
	public, err := kp.PublicKey()
	if err != nil {
		tb.Fatal(err)
	}
	return Encode(c, previous, public, func(_ string, data []byte) ([]byte, error) { return kp.Sign(data) })
}

// payloadIn is the payload of a token as it is written.
func payloadIn(tb testing.TB, token string) string {
	tb.Helper()
	p, err := split(token)
	if err != nil {
		tb.Fatal(err)
	}
	return string(p.payload)
}

// TestEncodePlain holds that without unknown members the token is jwt's own.
func TestEncodePlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := NewUser(pub(t, nkeys.PrefixByteUser), "U")
	for _, tt := range []struct {
		c  jwt.Claims
		by nkeys.KeyPair
	}{{w.op, w.oKey}, {w.ac, w.oSign}, {u, w.aKey}} {
		previous := sign(t, tt.c, tt.by)
		for _, p := range []string{"", previous} {
			for {
				want := sign(t, tt.c, tt.by)
				iat := tt.c.Claims().IssuedAt
				got, err := encode(t, tt.c, p, tt.by)
				if err != nil {
					t.Fatal(err)
				}
				if tt.c.Claims().IssuedAt != iat {
					continue // a second began in between
				}
				if got != want {
					t.Errorf("%s: %s, want %s", tt.c.ClaimType(), got, want)
				}
				break
			}
		}
	}
}

// TestEncodeKeeps edits accounts that hold what jwt does not know. In payloads
// $O and $A stand for the keys of the operator and the account, $S for a scoped
// signing key.
func TestEncodeKeeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keys := strings.NewReplacer("$O", w.op.Subject, "$A", w.ac.Subject, "$S", w.scoped)
	const stamp = `"type":"account","version":2`
	nothing := func(*jwt.AccountClaims) {}
	tests := []struct {
		name string
		nats string // what the account holds beside stamp; a "top" before | stands outside of nats
		edit func(*jwt.AccountClaims)
		kept []string // in this form
		gone []string
	}{
		{"top level", `"future":{"a":[1,{"b":null}]},"big":12345678901234567890|`, nothing, []string{`"future":{"a":[1,{"b":null}]}`, `"big":12345678901234567890`}, nil},
		{"nats", `"x":1`, func(c *jwt.AccountClaims) { c.Tags.Add("t") }, []string{`"x":1`, `"tags":["t"]`}, nil},
		{"limits", `"limits":{"subs":5,"x":1,"tiered_limits":{"R1":{"streams":2,"y":[]}}}`, func(c *jwt.AccountClaims) { c.Limits.Subs = 6 }, []string{`"subs":6`, `"x":1`, `{"streams":2,"y":[]}`}, []string{`"subs":5`}},
		{"removed tier", `"limits":{"tiered_limits":{"R1":{"streams":2,"y":1},"R3":{"streams":2,"z":1}}}`, func(c *jwt.AccountClaims) { delete(c.Limits.JetStreamTieredLimits, "R1") }, []string{`"R3":{"streams":2,"z":1}`}, []string{"R1", `"y"`}},
		{
			"exports", `"exports":[{"subject":"a","type":"stream","x":1},{"subject":"a","type":"service","x":2,"service_latency":{"sampling":5,"results":"r","x":3}},{"subject":"b","type":"stream"}]`,
			func(c *jwt.AccountClaims) {
				c.Exports = append(jwt.Exports{{Subject: "A", Type: jwt.Stream}}, c.Exports...)
				c.Exports[1].Advertise = true
			},
			[]string{`{"subject":"A","type":"stream"}`, `"advertise":true,"x":1}`, `"x":3},"x":2}`, `{"subject":"b","type":"stream"}`},
			nil,
		},
		{"removed export", `"exports":[{"subject":"a","type":"stream","x":1},{"subject":"b","type":"stream"}]`, func(c *jwt.AccountClaims) { c.Exports = c.Exports[1:] }, []string{`"subject":"b","type":"stream"}`}, []string{`"x"`}},
		{"all exports removed", `"exports":[{"subject":"a","type":"stream","x":1}]`, func(c *jwt.AccountClaims) { c.Exports = nil }, nil, []string{`"x"`, "exports"}},
		{"removed latency", `"exports":[{"subject":"a","type":"service","service_latency":{"sampling":5,"results":"r","x":3}}]`, func(c *jwt.AccountClaims) { c.Exports[0].Latency = nil }, nil, []string{`"x"`}},
		{
			"imports", `"imports":[{"account":"$A","subject":"a","type":"stream","local_subject":"l1","x":1},{"account":"$A","subject":"a","type":"stream","local_subject":"l2","x":2}]`,
			func(c *jwt.AccountClaims) { c.Imports[0].Share, c.Imports[1].Share = true, true },
			[]string{`"local_subject":"l1","type":"stream","share":true,"x":1`, `"local_subject":"l2","type":"stream","share":true,"x":2`},
			nil,
		},
		{"import moved", `"imports":[{"account":"$A","subject":"a","type":"stream","local_subject":"l1","x":1}]`, func(c *jwt.AccountClaims) { c.Imports[0].LocalSubject = "l2" }, []string{`"l2","type":"stream","x":1`}, nil},
		{
			"imports in doubt", `"imports":[{"account":"$A","subject":"a","type":"stream","local_subject":"l1","x":1},{"account":"$A","subject":"a","type":"stream","local_subject":"l2"}]`,
			func(c *jwt.AccountClaims) { c.Imports[0].LocalSubject, c.Imports[1].LocalSubject = "l3", "l4" },
			[]string{"l3", "l4"},
			[]string{`"x"`},
		},
		{
			"scope", `"signing_keys":["$A",{"kind":"user_scope","key":"$S","role":"r","template":{"subs":1,"pub":{"x":1},"y":2},"description":"","z":3}]`,
			func(c *jwt.AccountClaims) {
				s, _ := ScopeOf(c, w.scoped)
				s.Role = "other"
			},
			[]string{`"pub":{"x":1}`, `"y":2`, `"role":"other"`, `"z":3`},
			nil,
		},
		{"scope removed", `"signing_keys":[{"kind":"user_scope","key":"$S","role":"r","template":{"x":1},"description":"","z":3}]`, func(c *jwt.AccountClaims) { c.SigningKeys.Add(w.scoped) }, []string{`"signing_keys":["` + w.scoped + `"]`}, []string{`"x"`, `"z"`}},
		{"mappings", `"mappings":{"a.>":[{"subject":"b","weight":50,"x":1},{"subject":"b","cluster":"C","x":2}]}`, func(c *jwt.AccountClaims) { c.Mappings["a.>"][0].Weight = 60 }, []string{`"weight":60,"x":1`, `"cluster":"C","x":2`}, nil},
		{"permissions", `"default_permissions":{"pub":{"allow":["a"],"x":1},"resp":{"max":1,"ttl":1,"y":1},"z":1}`, func(c *jwt.AccountClaims) { c.DefaultPermissions.Resp = nil }, []string{`"allow":["a"],"x":1`, `"z":1`}, []string{`"y"`}},
		{"other case", `"LIMITS":{"subs":5},"\u212Aind":1,"De\u017fcription":"d"`, func(c *jwt.AccountClaims) { c.Limits.Subs, c.Description = 6, "" }, []string{`"subs":6`, "ind\":1"}, []string{"LIMITS", "\u017fcription", "017f"}},
		{"escaped name", `"limit\u0073":{"subs":5,"\u0078":1}`, func(c *jwt.AccountClaims) { c.Limits.Subs = 6 }, []string{`"subs":6`, `"\u0078":1`}, []string{`0073`, `"subs":5`}},
		{"known and removed", `"description":"d","trace":{"dest":"t","x":1},"y":1`, func(c *jwt.AccountClaims) { c.Description, c.Trace = "", nil }, []string{`"y":1`}, []string{"description", "trace", `"x"`}},
		{"of no use", `"exports":null,"limits":{},"revocations":{"*":1}`, nothing, []string{`"revocations":{"*":1}`}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			top, nats, ok := strings.Cut(tt.nats, "|")
			if !ok {
				top, nats = "", top
			}
			payload := keys.Replace(fmt.Sprintf(`{%s"iss":"$O","sub":"$A","nats":{%s%s}}`, comma(top), comma(nats), stamp))
			previous := rawToken(t, nkeyHeader, payload, w.oKey)
			c, err := VerifyAccount(previous, w.op, false)
			if err != nil {
				t.Fatal(err)
			}
			tt.edit(c)
			token, err := encode(t, c, previous, w.oKey)
			if err != nil {
				t.Fatal(err)
			}
			got := payloadIn(t, token)
			for _, k := range tt.kept {
				if !strings.Contains(got, k) {
					t.Errorf("%s is not in %s", k, got)
				}
			}
			for _, g := range tt.gone {
				if strings.Contains(got, g) {
					t.Errorf("%s is in %s", g, got)
				}
			}
			sameClaims(t, token, c)
		})
	}
}

func comma(members string) string {
	if members == "" {
		return ""
	}
	return members + ","
}

// sameClaims holds that token verifies, that jwt reads from it what c says, and
// that its jti is the one that jwt gives.
func sameClaims(tb testing.TB, token string, c jwt.Claims) {
	tb.Helper()
	back, err := jwt.Decode(token)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := decode(token); err != nil {
		tb.Fatal(err)
	}
	got, gotErr := json.Marshal(back)
	want, wantErr := json.Marshal(c)
	if gotErr != nil || wantErr != nil || !bytes.Equal(got, want) {
		tb.Errorf("%s (%v), want %s (%v)", got, gotErr, want, wantErr)
	}
	data := *back.Claims()
	data.ID = ""
	plain, err := json.Marshal(data)
	if err != nil {
		tb.Fatal(err)
	}
	hash := sha512.Sum512_256(plain)
	if want := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(hash[:]); back.Claims().ID != want {
		tb.Errorf("jti %s, want %s", back.Claims().ID, want)
	}
}

// TestEncodeKeepsEverywhere puts a member that jwt does not know into every
// object that its types have, and finds all of them after signing again.
func TestEncodeKeepsEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := pub(t, nkeys.PrefixByteUser)
	for _, tt := range []struct {
		kind    string
		claims  jwt.Claims
		subject string
		by      nkeys.KeyPair
		objects int // that hold one, so that none is forgotten silently
	}{
		{jwt.OperatorClaim, &jwt.OperatorClaims{}, w.op.Subject, w.oKey, 2},
		{jwt.AccountClaim, &jwt.AccountClaims{}, w.ac.Subject, w.oKey, 20},
		{jwt.UserClaim, &jwt.UserClaims{}, u, w.aKey, 6},
	} {
		fill(reflect.ValueOf(tt.claims).Elem())
		data, err := json.Marshal(tt.claims)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := survey(data, reflect.TypeOf(tt.claims)); found != nil || err != nil {
			t.Errorf("%s: jwt writes what its types do not know: %+v, %v", tt.kind, found, err)
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		doc["iss"], doc["sub"] = publicOf(t, tt.by), tt.subject
		nats, _ := doc["nats"].(map[string]any)
		nats["type"], nats["version"] = tt.kind, version
		if n := plant(doc, ""); n != tt.objects {
			t.Errorf("%s: has %d objects, want %d", tt.kind, n, tt.objects)
		}
		data, err = json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		previous := rawToken(t, nkeyHeader, string(data), tt.by)
		c, err := Read(previous)
		if err != nil {
			t.Fatal(err)
		}
		token, err := encode(t, c, previous, tt.by)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(payloadIn(t, token), `"planted":`); n != tt.objects {
			t.Errorf("%s: %d of %d are kept in %s", tt.kind, n, tt.objects, payloadIn(t, token))
		}
		sameClaims(t, token, c)
	}
}

func publicOf(tb testing.TB, kp nkeys.KeyPair) string {
	tb.Helper()
	public, err := kp.PublicKey()
	if err != nil {
		tb.Fatal(err)
	}
	return public
}

// fill sets everything in v to something that JSON does not leave out.
func fill(v reflect.Value) {
	if keys, ok := reflect.TypeAssert[*jwt.SigningKeys](v.Addr()); ok {
		scope := jwt.NewUserScope()
		fill(reflect.ValueOf(scope).Elem())
		*keys = jwt.SigningKeys{"x": scope, "y": nil}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("x").Convert(v.Type().Key()), value)
	case reflect.String:
		v.SetString("x:y") // a URL, for the one string that jwt looks at
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint, reflect.Uint8:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// plant adds a member to every object in v that is no map, and counts them.
func plant(v any, name string) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			n += plant(inner, k)
		}
		if name != "revocations" && name != "tiered_limits" && name != "mappings" {
			v["planted"] = map[string]any{"a": 1}
			n++
		}
	case []any:
		for _, inner := range v {
			n += plant(inner, "")
		}
	}
	return n
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := sign(t, w.ac, w.oKey)
	other := rawToken(t, nkeyHeader, fmt.Sprintf(`{"iss":%q,"sub":%q,"x":1,"nats":{"type":"account","version":2}}`, w.op.Subject, pub(t, nkeys.PrefixByteAccount)), w.oKey)
	operator := rawToken(t, nkeyHeader, fmt.Sprintf(`{"iss":%q,"sub":%q,"x":1,"nats":{"type":"operator","version":2}}`, w.op.Subject, w.op.Subject), w.oKey)
	deep := rawToken(t, nkeyHeader, fmt.Sprintf(`{"sub":%q,"x":%s}`, w.ac.Subject, strings.Repeat("[", 40)+strings.Repeat("]", 40)), w.oKey)
	large := *w.ac
	large.Description = strings.Repeat("x", MaxTokenSize)
	for _, tt := range []struct {
		name, previous string
		c              *jwt.AccountClaims
		want           string
	}{
		{"junk", "junk", w.ac, "previous token: token has 1 parts"},
		{"other account", other, w.ac, "previous token: is of account"},
		{"operator", operator, w.ac, "previous token: is of operator"},
		{"deep", deep, w.ac, "deeper than 32"},
		{"large", account, &large, "more than the 1048576"},
	} {
		c := *tt.c
		if _, err := encode(t, &c, tt.previous, w.oKey); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := Encode(w.ac, "", "junk", nil); err == nil {
		t.Error("a key that is none signs")
	}
	for name, old := range map[string]string{
		"version 1 header": rawToken(t, `{"typ":"jwt","alg":"ed25519"}`, fmt.Sprintf(`{"sub":%q,"x":1}`, w.ac.Subject), w.oKey),
		"version 1 claims": rawToken(t, nkeyHeader, fmt.Sprintf(`{"sub":%q,"type":"account","x":1,"nats":{"y":1}}`, w.ac.Subject), w.oKey),
	} {
		c := *w.ac
		token, err := encode(t, &c, old, w.oKey)
		if err != nil || strings.Contains(payloadIn(t, token), `"x"`) {
			t.Errorf("%s: %s, %v", name, token, err)
		}
	}
}

// FuzzEncode holds that whatever payload is accepted is signed again to the same
// known claims, and that doing so twice changes nothing any more.
func FuzzEncode(f *testing.F) {
	w := newWorld(f)
	u := pub(f, nkeys.PrefixByteUser)
	keys := strings.NewReplacer("$O", w.op.Subject, "$A", w.ac.Subject, "$U", u, "$S", w.scoped)
	for _, nats := range []string{
		`"x":1`, `"Limits":{"SUBS":1,"x":[{}]}`, `"exports":[{"subject":"a","type":"stream","y":{}}],"EXPORTS":[]`,
		`"signing_keys":[{"kind":"user_scope","KEY":"$S","template":{"z":1}},"$A",5,null]`, `"mappings":{"a":[{"subject":"b","x":1}],"A":[null]}`,
		`"imports":[{"subject":"a","account":"$A","type":"service","x":1}]`, `"revocations":{"a":1,"A":2},"tiered_limits":1`,
	} {
		f.Add(`{"iss":"$O","sub":"$A","top":1,"nats":{` + nats + `,"type":"account","version":2}}`)
	}
	f.Add(`{"iss":"$O","sub":"$O","Type":"x","nats":{"signing_keys":[],"type":"operator","version":2}}`)
	f.Add(`{"iss":"$A","sub":"$U","tags":[],"nats":{"pub":{"x":1},"times":[{"start":"a","x":1}],"type":"user","version":2}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		by := w.oKey
		if strings.Contains(payload, `"$U"`) {
			by = w.aKey
		}
		previous := rawToken(t, nkeyHeader, keys.Replace(payload), by)
		c, err := Read(previous)
		if err != nil {
			return
		}
		token, err := encode(t, c, previous, by)
		if err != nil {
			return // jwt does not sign all that it reads
		}
		back, err := Read(token)
		if err != nil {
			t.Fatalf("%s is not read again: %v", payloadIn(t, token), err)
		}
		got, _ := json.Marshal(back)
		if want, _ := json.Marshal(c); !bytes.Equal(got, want) {
			t.Errorf("%s became %s", want, got)
		}
	})
}
