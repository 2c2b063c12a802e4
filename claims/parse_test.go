package claims

import (
	"math"
	"strings"
	"testing"
	"time"
)

// checkError holds that err contains want, or is nil if want is empty.
func checkError(t *testing.T, input string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%q: error %v", input, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%q: error %v, want %q", input, err, want)
	}
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in      string
		want    int64
		wantErr string
	}{
		{"", 0, ""},
		{"0", 0, ""},
		{"-1", -1, ""},
		{"42", 42, ""},
		{"1,234,567", 1234567, ""},
		{"1.5k", 1500, ""},
		{"1.5 KiB", 1536, ""},
		{"-1k", -1000, ""},
		{"2KB", 2000, ""},
		{"2ki", 2048, ""},
		{"1m", 1e6, ""},
		{"1Mi", 1 << 20, ""},
		{"1G", 1e9, ""},
		{"1gib", 1 << 30, ""},
		{"1t", 1e12, ""},
		{"1tib", 1 << 40, ""},
		{"1p", 1e15, ""},
		{"1pi", 1 << 50, ""},
		{"1e", 1e18, ""},
		{"1EiB", 1 << 60, ""},
		{"1.1gib", 1181116006, ""},
		{"-1.1gib", -1181116006, ""},
		{"9007199254740993", 9007199254740993, ""},
		{"9007199254740.993k", 9007199254740993, ""},
		{"9223372036854775807", math.MaxInt64, ""},
		{"-9223372036854775808", math.MinInt64, ""},
		{"9223372036854775808", 0, "too large"},
		{"8EiB", 0, "too large"},
		{"10e", 0, "too large"},
		{"1.5", 0, "a fraction needs a unit"},
		{"1x", 0, `unknown unit "x"`},
		{"1kk", 0, "unknown unit"},
		{"1b", 0, "unknown unit"},
		{"1i", 0, "unknown unit"},
		{"1  k", 0, "unknown unit"},
		{"k", 0, "not a decimal number"},
		{"-", 0, "not a decimal number"},
		{"--1", 0, "unknown unit"},
		{"1.k", 0, "not a decimal number"},
		{".5k", 0, "not a decimal number"},
		{"1.2.3k", 0, "not a decimal number"},
		{"1,5", 0, "commas"},
		{"1,0000", 0, "commas"},
		{"1000,000", 0, "commas"},
		{",100", 0, "commas"},
		{strings.Repeat("9", 65), 0, "too long"},
	}
	for _, tt := range tests {
		got, err := ParseNumber(tt.in)
		checkError(t, tt.in, err, tt.wantErr)
		if got != tt.want {
			t.Errorf("%q = %d, want %d", tt.in, got, tt.want)
		}
	}
}

func TestParseWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 31, 12, 30, 0, 0, time.FixedZone("", 3600))
	tests := []struct{ in, want, wantErr string }{
		{"0", "none", ""},
		{"0d", "none", ""},
		{"-0M", "none", ""},
		{"2027-02-01", "2027-02-01T00:00:00Z", ""},
		{"2027-02-01 13:14:15 UTC", "2027-02-01T13:14:15Z", ""},
		{"5m", "2026-01-31T11:35:00Z", ""},
		{"+5m", "2026-01-31T11:35:00Z", ""},
		{"36h", "2026-02-01T23:30:00Z", ""},
		{"1d", "2026-02-01T11:30:00Z", ""},
		{"2w", "2026-02-14T11:30:00Z", ""},
		{"1M", "2026-03-03T11:30:00Z", ""},
		{"1y", "2027-01-31T11:30:00Z", ""},
		{"-1y", "2025-01-31T11:30:00Z", ""},
		{"", "", "is empty"},
		{"1h30m", "", "want YYYY-MM-DD"},
		{"foo3dbar", "", "want YYYY-MM-DD"},
		{"3D", "", "want YYYY-MM-DD"},
		{"3s", "", "want YYYY-MM-DD"},
		{"1.5h", "", "want YYYY-MM-DD"},
		{"d", "", "want YYYY-MM-DD"},
		{"1795361184", "", "want YYYY-MM-DD"},
		{"2027-02-30", "", "want YYYY-MM-DD"},
		{"2027-02-01T13:14:15Z", "", "want YYYY-MM-DD"},
		{"2027-02-01 13:14:15", "", "want YYYY-MM-DD"},
		{"2027-02-01 13:14:15.5 UTC", "", "want YYYY-MM-DD"},
		{" 1d", "", "want YYYY-MM-DD"},
		{"1969-12-31", "", "before 1970"},
		{"1970-01-01", "", "before 1970"},
		{"-100y", "", "before 1970"},
		{"8000y", "", "too far away"},
		{"99999999999h", "", "too far away"},
		{"99999999999999999999y", "", "too far away"},
		{"-99999999999999999999y", "", "too far away"},
	}
	for _, tt := range tests {
		got, err := ParseWhen(tt.in, now)
		checkError(t, tt.in, err, tt.wantErr)
		if text := moment(got); err == nil && text != tt.want {
			t.Errorf("%q = %s, want %s", tt.in, text, tt.want)
		}
	}
}

func moment(seconds int64) string {
	if seconds == 0 {
		return "none"
	}
	return utc(seconds)
}

func TestParseMoment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in      string
		want    int64
		wantErr string
	}{
		{"0", epoch().Unix(), ""},
		{"1700000000", 1700000000, ""},
		{"2023-11-14T22:13:20Z", 1700000000, ""},
		{"2023-11-14T23:13:20+01:00", 1700000000, ""},
		{"-1", 0, "before 1970"},
		{"1960-01-01T00:00:00Z", 0, "before 1970"},
		{"9999999999999", 0, "too far away"},
		{"99999999999999999999", 0, "neither"},
		{"1.5", 0, "neither"},
		{"", 0, "neither"},
		{"yesterday", 0, "neither"},
	}
	for _, tt := range tests {
		got, err := ParseMoment(tt.in, epoch())
		checkError(t, tt.in, err, tt.wantErr)
		if got != tt.want {
			t.Errorf("%q = %d, want %d", tt.in, got, tt.want)
		}
	}
}

// TestParseText covers the parsers from text to text; want "" means an error.
func TestParseText(t *testing.T) {
	t.Parallel()
	timeRange := func(s string) (string, error) {
		r, err := ParseTimeRange(s)
		return r.Start + "|" + r.End, err
	}
	tests := []struct {
		name  string
		parse func(string) (string, error)
		want  map[string]string
	}{
		{"subject", ParseSubject, map[string]string{
			"a": "a", "a.b.>": "a.b.>", "*": "*", ">": ">", "a.*.c": "a.*.c", "$SYS.>": "$SYS.>", "a>.b": "a>.b", "{{name()}}.x": "{{name()}}.x",
			"": "", ".": "", ".a": "", "a.": "", "a..b": "", "a b": "", "a\tb": "", "a\x00": "", "a\u0085": "", "a\xff": "", "a.>.b": "", ">.a": "",
		}},
		{"publish", ParsePublish, map[string]string{"a.>": "a.>", "a q": "", "": ""}},
		{"subscribe", ParseSubscribe, map[string]string{"a.>": "a.>", "a q": "a q", "a  q": "", "a q r": "", "a ": "", " q": "", "": ""}},
		{"time range", timeRange, map[string]string{
			"08:00:00-17:30:00": "08:00:00|17:30:00", "22:00:00-06:00:00": "22:00:00|06:00:00",
			"8:00:00-17:00:00": "", "08:00-17:00": "", "08:00:00": "", "24:00:00-01:00:00": "", "08:00:00-17:00:00x": "", "": "",
		}},
		{"connection type", ParseConnectionType, map[string]string{
			"standard": "STANDARD", "Websocket": "WEBSOCKET", "LEAFNODE": "LEAFNODE", "leafnode_ws": "LEAFNODE_WS",
			"mqtt": "MQTT", "mqtt_ws": "MQTT_WS", "in_process": "IN_PROCESS", "": "", "tcp": "",
		}},
		{"network", ParseNetwork, map[string]string{"192.0.2.0/24": "192.0.2.0/24", "FE80::/10": "fe80::/10", "192.0.2.1": "", "junk": "", "1.2.3.4/33": "", "": ""}},
		{"tag", ParseTag, map[string]string{" Dept:X ": "dept:x", "a b": "a b", " ": "", "": "", "a\nb": ""}},
		{"service URL", ParseServiceURL, map[string]string{
			"NATS://Host:4222": "nats://host:4222", "tls://h": "tls://h", "ws://h": "ws://h", "wss://[::1]:443": "wss://[::1]:443",
			"http://h": "", "nats://h/p": "", "nats://u:p@h": "", "nats://h?x": "", "nats:h": "", "nats://": "", "nats://:4222": "", "h:4222": "", "": "", "nats://h:x": "",
		}},
		{"account server URL", ParseAccountServerURL, map[string]string{
			"http://h/jwt/v1": "http://h/jwt/v1", "https://H/x": "https://H/x", "nats://h": "nats://h", "tls://h": "tls://h", "ws://h": "ws://h", "wss://h": "wss://h",
			"foo://x": "", "http://": "", "h": "", "": "", "http://h\x7f": "",
		}},
	}
	for _, tt := range tests {
		for in, want := range tt.want {
			got, err := tt.parse(in)
			if (err == nil) != (want != "") {
				t.Errorf("%s %q: error %v", tt.name, in, err)
			}
			if err == nil && got != want {
				t.Errorf("%s %q = %q, want %q", tt.name, in, got, want)
			}
		}
	}
}

func TestURLErrorsHideThePassword(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"nats://u:hunter2@h", "foo://u:hunter2@h", "nats://u:hunter2@", "nats://u:hunter2/@h", "nats://u:hunter2@h:x", "nats://u:hunter2@h\x00"} {
		_, err := ParseServiceURL(in)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func BenchmarkParseNumber(b *testing.B) {
	for b.Loop() {
		if _, err := ParseNumber("1,234.5 MiB"); err != nil {
			b.Fatal(err)
		}
	}
}
