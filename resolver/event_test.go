package resolver

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	from := `"server":{"id":"N1","name":"n1","ver":"2.15.2","time":"2026-01-02T03:04:05Z"}`
	who := `"client":{"id":7,"acc":"AAPP","name_tag":"APP","user":"UX","name":"c","kind":"Client"}`
	conns := `{` + from + `,"acc":"AAPP","name":"APP","total_conns":0,"id":"e1","timestamp":"2026-01-02T03:04:05Z"}`
	token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"AAPP","name":"APP"}`)) + ".c2ln"
	for name, tc := range map[string]struct {
		subject, payload string
		kind             EventKind
		account          string
	}{
		"connect":         {"$SYS.ACCOUNT.AAPP.CONNECT", `{` + from + `,` + who + `}`, EventConnect, "AAPP"},
		"disconnect":      {"$SYS.ACCOUNT.AAPP.DISCONNECT", `{` + from + `,` + who + `,"reason":"Client Closed"}`, EventDisconnect, "AAPP"},
		"auth, system":    {"$SYS.SERVER.N1.CLIENT.AUTH.ERR", `{` + from + `,` + who + `}`, EventAuthError, "AAPP"},
		"auth, nobody":    {"$SYS.SERVER.N1.CLIENT.AUTH.ERR", `{` + from + `,"client":{"acc":"N/A"}}`, EventAuthError, ""},
		"auth, account":   {"$SYS.ACCOUNT.CLIENT.AUTH.ERR", `{` + from + `,` + who + `}`, EventAuthError, "AAPP"},
		"conns":           {"$SYS.ACCOUNT.AAPP.SERVER.CONNS", conns, EventConnections, "AAPP"},
		"conns, old":      {"$SYS.SERVER.ACCOUNT.AAPP.CONNS", conns, EventConnections, "AAPP"},
		"stats":           {"$SYS.SERVER.N1.STATSZ", `{` + from + `,"statsz":{}}`, EventServerStats, ""},
		"shutdown":        {"$SYS.SERVER.N1.SHUTDOWN", strings.TrimPrefix(from, `"server":`), EventShutdown, ""},
		"lame duck":       {"$SYS.SERVER.N1.LAMEDUCK", strings.TrimPrefix(from, `"server":`), EventLameDuck, ""},
		"update":          {"$SYS.REQ.CLAIMS.UPDATE", token, EventClaimsUpdate, "AAPP"},
		"update, account": {"$SYS.REQ.ACCOUNT.AAPP.CLAIMS.UPDATE", token, EventClaimsUpdate, "AAPP"},
		"update, old":     {"$SYS.ACCOUNT.AAPP.CLAIMS.UPDATE", token, EventClaimsUpdate, "AAPP"},
		"other subject":   {"$SYS.ACCOUNT.AAPP.ELSE", `{}`, EventUnknown, ""},
		"no subject":      {"", `{}`, EventUnknown, ""},
		"no json":         {"$SYS.ACCOUNT.AAPP.CONNECT", `{`, EventUnknown, ""},
		"no server":       {"$SYS.ACCOUNT.AAPP.CONNECT", `{` + who + `}`, EventUnknown, ""},
		"no token":        {"$SYS.REQ.CLAIMS.UPDATE", "a.b.c", EventUnknown, ""},
		"wrong types":     {"$SYS.SERVER.N1.STATSZ", `{"server":[]}`, EventUnknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := decodeEvent(tc.subject, []byte(tc.payload))
			if e.Kind != tc.kind || e.Account != tc.account || e.Subject != tc.subject {
				t.Errorf("%+v", e)
			}
			if !json.Valid(e.Raw) {
				t.Errorf("raw %q", e.Raw)
			}
			if json.Valid([]byte(tc.payload)) && string(e.Raw) != tc.payload {
				t.Errorf("raw %q", e.Raw)
			}
			if e.Kind != EventUnknown && e.Kind != EventClaimsUpdate && (e.Server.ID != "N1" || e.Time.Year() != 2026) {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestEventFields(t *testing.T) {
	t.Parallel()
	e := decodeEvent("$SYS.SERVER.ACCOUNT.AAPP.CONNS", []byte(`{"server":{"id":"N1"},"acc":"AAPP","name":"APP","total_conns":0,"id":"e1"}`))
	if e.ID != "e1" || e.AccountName != "APP" || e.Connections == nil || *e.Connections != 0 {
		t.Errorf("%+v", e)
	}
	out, err := json.Marshal(Event{Kind: EventLost})
	if err != nil || string(out) != `{"kind":"lost"}` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestHugeEvent(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{"x":"` + strings.Repeat("\x01", 2<<20) + `"}`,
		`{"server":{"id":"N1","name":"` + strings.Repeat("n", 2<<20) + `"}}`,
		strings.Repeat("[", 2<<20),
	} {
		e := decodeEvent("$SYS.ACCOUNT.A.CONNECT", []byte(payload))
		if out, err := json.Marshal(e); err != nil || len(out) > 2*maxRaw {
			t.Errorf("%d bytes, %v", len(out), err)
		}
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add("$SYS.ACCOUNT.A.CONNECT", []byte(`{"server":{"id":"x"},"client":{"jwt":"a.e30.c"}}`))
	f.Add("$SYS.SERVER.x.SHUTDOWN", []byte(`{"id":"x"}`))
	f.Add("$SYS.REQ.CLAIMS.UPDATE", []byte("a.e30.c"))
	f.Add("...", []byte{0xff})
	f.Fuzz(func(t *testing.T, subject string, payload []byte) {
		e := decodeEvent(subject, payload)
		if e.Kind == "" || !json.Valid(e.Raw) || len(e.Raw) > maxRaw {
			t.Errorf("%+v", e)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Error(err)
		}
	})
}
