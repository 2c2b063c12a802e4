package render

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rendered is the configuration that the chart makes of values: what it says itself, which config.resolver.merge and
// config.merge are merged into, as JSON.
func rendered(t *testing.T, values []byte, dir string) []byte {
	t.Helper()
	var v struct {
		Config struct {
			Resolver struct {
				Enabled bool
				Merge   map[string]any
			}
			Merge map[string]any
		}
	}
	if err := yaml.Unmarshal(values, &v); err != nil {
		t.Fatalf("%v\n%s", err, values)
	}
	conf := map[string]any{"server_name": "nats-0", "port": -1, "host": "127.0.0.1"}
	if v.Config.Resolver.Enabled {
		resolver := map[string]any{"dir": dir}
		maps.Copy(resolver, v.Config.Resolver.Merge)
		conf["resolver"] = resolver
	}
	maps.Copy(conf, v.Config.Merge)
	data, err := json.MarshalIndent(conf, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestHelmValues starts a server on what the chart makes of the values.
func TestHelmValues(t *testing.T) {
	t.Parallel()
	for _, kind := range []ResolverKind{ResolverFull, ResolverMemory} {
		c := realConfig(t, kind)
		v, err := NewHelmValues(c, HelmOptions{Replicas: 3, JetStream: true})
		if err != nil {
			t.Fatal(err)
		}
		values, err := v.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(values), "<<") { // which the chart would take for its own
			t.Errorf("%s", values)
		}
		file := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(file, rendered(t, values, filepath.Join(t.TempDir(), "jwt")), 0o600); err != nil {
			t.Fatal(err)
		}
		s := start(t, file)
		if got := s.SystemAccount().GetName(); got != c.System.ID {
			t.Errorf("%s: system account %q", kind, got)
		}
		if _, err := s.LookupAccount(c.Accounts[0].ID); (kind == ResolverMemory) != (err == nil) {
			t.Errorf("%s: look up an account: %v", kind, err)
		}
	}
	if _, err := NewHelmValues(realConfig(t, ResolverURL), HelmOptions{}); err == nil {
		t.Error("URL resolver: no error")
	}
}

func TestKubeSecret(t *testing.T) {
	t.Parallel()
	const creds = "-----BEGIN\nx: {y} # \"z\"\n\n------END\n"
	for _, inBase64 := range []bool{false, true} {
		s, err := NewKubeSecret("a-b.c", "ns", "u.creds", []byte(creds), inBase64)
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var back KubeSecret
		if err := yaml.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, s) {
			t.Errorf("%+v reads as %+v", s, back)
		}
		got := back.StringData["u.creds"]
		if inBase64 {
			plain, err := base64.StdEncoding.DecodeString(back.Data["u.creds"])
			got = string(plain)
			if err != nil {
				t.Error(err)
			}
		}
		if got != creds {
			t.Errorf("holds %q", got)
		}
	}
	for _, bad := range [][3]string{
		{"", "ns", "k"},
		{"A", "ns", "k"},
		{"a..b", "ns", "k"},
		{"-a", "ns", "k"},
		{strings.Repeat("a", 254), "ns", "k"},
		{"a", "n.s", "k"},
		{"a", "ns", ""},
		{"a", "ns", ".."},
		{"a", "ns", "a/b"},
		{"a", "ns", "a b"},
	} {
		if _, err := NewKubeSecret(bad[0], bad[1], bad[2], nil, false); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
