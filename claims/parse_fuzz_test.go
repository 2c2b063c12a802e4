package claims

import (
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
)

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"", "-1", "1,000", "1.5k", "9 EiB", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseNumber(s)
		if plain, perr := strconv.ParseInt(s, 10, 64); perr == nil && s[0] != '+' && len(s) <= maxNumberLength && (err != nil || v != plain) {
			t.Errorf("%q = %d, %v", s, v, err)
		}
		if back, err := ParseNumber(strconv.FormatInt(v, 10)); err != nil || back != v {
			t.Errorf("%d reads as %d, %v", v, back, err)
		}
	})
}

func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"0", "1d", "-2M", "2027-01-01", "2027-01-01 00:00:00 UTC", "1h30m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseWhen(s, epoch())
		if v < 0 || v > 253402300799 || err != nil && v != 0 {
			t.Errorf("%q = %d, %v", s, v, err)
		}
		if err == nil && strings.ContainsAny(s, "\n.,") {
			t.Errorf("%q is accepted", s)
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"0", "-1", "1700000000", "2023-11-14T22:13:20Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseMoment(s, epoch())
		if err == nil && (v <= 0 || v > 253402300799) {
			t.Errorf("%q = %d", s, v)
		}
	})
}

// FuzzParseSubscribe covers all three kinds of subjects; jwt must accept what we do.
func FuzzParseSubscribe(f *testing.F) {
	for _, s := range []string{"a.b", "a.> q", "a..b", ">", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, publish := ParsePublish(s)
		_, subscribe := ParseSubscribe(s)
		if publish == nil && subscribe != nil {
			t.Errorf("%q can be published to, but %v", s, subscribe)
		}
		vr := jwt.CreateValidationResults()
		p := jwt.Permission{Allow: jwt.StringList{s}}
		p.Validate(vr, true)
		if subscribe == nil && !vr.IsEmpty() {
			t.Errorf("%q: jwt says %s", s, vr.Issues[0].Description)
		}
	})
}

// FuzzParseText feeds the parsers whose results must read as themselves.
func FuzzParseText(f *testing.F) {
	for _, s := range []string{"mqtt", "192.0.2.0/24", " Tag", "08:00:00-17:00:00", "NATS://h:4222", "https://h/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, parse := range map[string]func(string) (string, error){
			"connection type": ParseConnectionType, "network": ParseNetwork, "tag": ParseTag,
			"service URL": ParseServiceURL, "account server URL": ParseAccountServerURL,
		} {
			first, err := parse(s)
			if err != nil {
				continue
			}
			if second, err := parse(first); err != nil || second != first {
				t.Errorf("%s %q = %q = %q, %v", name, s, first, second, err)
			}
		}
		if r, err := ParseTimeRange(s); err == nil && r.Start+"-"+r.End != s {
			t.Errorf("time range %q = %+v", s, r)
		}
	})
}

// FuzzParseExport covers what only exports have; jwt must accept what we do.
func FuzzParseExport(f *testing.F) {
	for _, s := range []string{"header", "1", "100%", "0", "%", "stream", "Chunked"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := &jwt.Export{Subject: "x", Type: jwt.Service}
		if rate, err := ParseSampling(s); err == nil {
			e.Latency = &jwt.ServiceLatency{Results: "l", Sampling: rate}
		}
		if kind, err := ParseResponseType(s); err == nil {
			e.ResponseType = jwt.ResponseType(kind)
		}
		vr := jwt.CreateValidationResults()
		e.Validate(vr)
		if !vr.IsEmpty() {
			t.Errorf("%q: jwt says %s", s, vr.Issues[0].Description)
		}
	})
}

// FuzzParseSubject makes sure that a subject is one for jwt, too, and for servers:
// without blanks, controls and empty tokens.
func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"a.b", "a.*.>", "a..b", ".a", "a.", ">.a", "a b", "a\x00b", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseSubject(s)
		if err != nil {
			return
		}
		vr := jwt.CreateValidationResults()
		jwt.Subject(got).Validate(vr)
		if !vr.IsEmpty() {
			t.Errorf("%q: jwt says %s", s, vr.Issues[0].Description)
		}
		for token := range strings.SplitSeq(got, ".") {
			if token == "" || strings.ContainsAny(token, " \t\r\n\x00") {
				t.Errorf("%q: has the token %q", s, token)
			}
		}
		if again, err := ParseSubject(got); err != nil || again != got {
			t.Errorf("%q = %q = %q, %v", s, got, again, err)
		}
	})
}

// FuzzRead reads any text as a token of any kind: what is read can be looked into.
func FuzzRead(f *testing.F) {
	w := newWorld(f)
	for _, payload := range []string{`{"nats":{"type":"user","version":2}}`, `{"type":"account","nats":{}}`, `{"nats":null}`, `[`, ``} {
		f.Add(rawToken(f, nkeyHeader, payload, w.oKey))
	}
	f.Add("-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := Read(text); err == nil {
			if _, err := Field(c, "sub"); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		if oc, err := ReadOperator(text); err == nil && oc.ClaimType() != jwt.OperatorClaim {
			t.Errorf("%q is read as an operator", text)
		}
		if ac, err := ReadAccount(text); err == nil && ac.ClaimType() != jwt.AccountClaim {
			t.Errorf("%q is read as an account", text)
		}
		if uc, err := ReadUser(text); err == nil && uc.ClaimType() != jwt.UserClaim {
			t.Errorf("%q is read as a user", text)
		}
	})
}
