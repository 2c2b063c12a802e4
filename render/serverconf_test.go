package render

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/conf"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"go.yaml.in/yaml/v3"
)

// fakeToken has the shape of a token and is the same on every run, which real ones are not: jwt/v2 stamps the time.
const fakeToken = "eyJ0eXAiOiJKV1QifQ.eyJuYW1lIjoiTyJ9.c2ln"

func fakeConfig(t *testing.T, kind ResolverKind) ServerConfig {
	t.Helper()
	return ServerConfig{
		Resolver: kind,
		Operator: NamedToken{Name: "O", ID: operatorID(t, 1), JWT: fakeToken},
		System:   NamedToken{Name: "SYS", ID: accountID(t, 1), JWT: fakeToken},
		Accounts: []NamedToken{
			{Name: "A\nlisten: 1 # \u2028", ID: accountID(t, 2), JWT: fakeToken},
			{Name: "SYS", ID: accountID(t, 1), JWT: fakeToken},
		},
		URL: "http://localhost:9090/jwt/v1/accounts",
	}
}

func kinds() []ResolverKind {
	return []ResolverKind{ResolverMemory, ResolverFull, ResolverCache, ResolverURL}
}

func TestServerConfigGolden(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		got, err := fakeConfig(t, kind).Encode()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "serverconf/"+string(kind)+".conf", got)
	}
	c := fakeConfig(t, ResolverFull)
	c.ServerName, c.Listen, c.JetStreamDir = "n1", "127.0.0.1:4222", `C:\nats "js" #1`
	c.ResolverDir, c.AllowDelete = "/var/lib/nats/žluťoučký, {jwt}", true
	got, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "serverconf/options.conf", got)
	sameMeaning(t, got)
}

func TestServerConfigRefuses(t *testing.T) {
	t.Parallel()
	for problem, change := range map[string]func(*ServerConfig){
		"resolver \"\": not one of":    func(c *ServerConfig) { c.Resolver = "" },
		"memory resolver: no accounts": func(c *ServerConfig) { c.Accounts, c.Resolver = nil, ResolverMemory },
		"two tokens for one key": func(c *ServerConfig) {
			c.Accounts[0].ID = c.System.ID
			c.Accounts[0].JWT += "x"
			c.Resolver = ResolverMemory
		},
		"account \"A\": \"B\" is not":          func(c *ServerConfig) { c.Accounts[0].Name, c.Accounts[0].ID, c.Resolver = "A", "B", ResolverMemory },
		"operator \"O\": no token":             func(c *ServerConfig) { c.Operator.JWT = fakeToken + "\nlisten: 1" },
		"operator \"O\": \"A":                  func(c *ServerConfig) { c.Operator.ID = c.System.ID },
		"resolver \"full\": needs a system":    func(c *ServerConfig) { c.System = NamedToken{} },
		"system account \"S\": \"\" is not":    func(c *ServerConfig) { c.System = NamedToken{Name: "S"} },
		"resolver \"cache\": cannot delete":    func(c *ServerConfig) { c.Resolver, c.AllowDelete = ResolverCache, true },
		"server name \"a b\": has a blank":     func(c *ServerConfig) { c.ServerName = "a b" },
		"store dir \"a\\nb\": has a character": func(c *ServerConfig) { c.JetStreamDir = "a\nb" },
		"dir \"\\u2028\": has a character":     func(c *ServerConfig) { c.ResolverDir = "\u2028" },
		"listen address \"x\": not a port":     func(c *ServerConfig) { c.Listen = "x" },
		"listen address \"65536\": not a port": func(c *ServerConfig) { c.Listen = "65536" },
		"listen address \"a:0\": not a port":   func(c *ServerConfig) { c.Listen = "a:0" },
		"listen address \"a:b:1\": address":    func(c *ServerConfig) { c.Listen = "a:b:1" },
		"listen \"\\n:1\": has a character":    func(c *ServerConfig) { c.Listen = "\n:1" },
		"resolver url \"\": not an http":       func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "" },
		"resolver url \"nats://h\": not an":    func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "nats://h" },
		"resolver url \"http://h/?a\": has a":  func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "http://h/?a" },
		"resolver url \"http://h/ \": has a":   func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "http://h/ " },
		"resolver url \"http://h/%\": invalid": func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "http://h/%" },
		`with "mem" in it`:                     func(c *ServerConfig) { c.Resolver, c.URL = ResolverURL, "http://Members/" },
	} {
		c := fakeConfig(t, ResolverFull)
		change(&c)
		if got, err := c.Encode(); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("want error %q, got %v\n%s", problem, err, got)
		}
	}
}

// sameMeaning parses a configuration as nats-server does and as YAML, holds both to agree, and returns what they say.
func sameMeaning(t *testing.T, config []byte) map[string]any {
	t.Helper()
	nats, err := conf.Parse(string(config))
	if err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	var y map[string]any
	if err := yaml.Unmarshal(config, &y); err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	if a, b := flat("", nats), flat("", y); a != b {
		t.Fatalf("nats-server reads\n%s\nYAML reads\n%s\nof\n%s", a, b, config)
	}
	return nats
}

// flat writes nested maps in one canonical form; integers differ in type between the two parsers.
func flat(key string, v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		b, _ := yaml.Marshal(v)
		return key + " = " + string(b)
	}
	var b strings.Builder
	for _, k := range sortedKeys(m) {
		b.WriteString(flat(path.Join(key, k), m[k]))
	}
	return b.String()
}

// realConfig signs an operator and two accounts.
func realConfig(t *testing.T, kind ResolverKind) ServerConfig {
	t.Helper()
	op := key(t, nkeys.PrefixByteOperator, 1)
	sign := func(c jwt.Claims, name string) NamedToken {
		c.Claims().Name = name
		token, err := c.Encode(op)
		if err != nil {
			t.Fatal(err)
		}
		return NamedToken{Name: name, ID: c.Claims().Subject, JWT: token}
	}
	o := jwt.NewOperatorClaims(operatorID(t, 1))
	o.SystemAccount = accountID(t, 1)
	system, orders := sign(jwt.NewAccountClaims(accountID(t, 1)), "SYS"), sign(jwt.NewAccountClaims(accountID(t, 2)), "ORDERS")
	dir := t.TempDir()
	return ServerConfig{
		Resolver: kind, Operator: sign(o, "O"), System: system, Accounts: []NamedToken{orders},
		ServerName: "n1", Listen: "127.0.0.1:-1",
		JetStreamDir: filepath.Join(dir, `js 'dir' #1`), ResolverDir: filepath.Join(dir, "jwt dir"),
	}
}

// accountServer serves tokens the way a URL resolver asks for them.
func accountServer(t *testing.T, tokens ...NamedToken) string {
	t.Helper()
	byID := map[string]string{}
	for _, token := range tokens {
		byID[token.ID] = token.JWT
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(byID[path.Base(r.URL.Path)]))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/jwt/v1/accounts"
}

// TestServerStarts runs a nats-server on the configuration of each kind and has it resolve the accounts it should know.
func TestServerStarts(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := realConfig(t, kind)
			c.URL = accountServer(t, c.System, c.Accounts[0])
			config, err := c.Encode()
			if err != nil {
				t.Fatal(err)
			}
			sameMeaning(t, config)
			file := filepath.Join(t.TempDir(), "server.conf")
			if err := os.WriteFile(file, config, 0o600); err != nil {
				t.Fatal(err)
			}
			s := start(t, file)
			if got := s.SystemAccount().GetName(); got != c.System.ID {
				t.Errorf("system account %q", got)
			}
			known := kind == ResolverMemory || kind == ResolverURL // the others have to be pushed to
			if _, err := s.LookupAccount(c.Accounts[0].ID); known != (err == nil) {
				t.Errorf("look up a preloaded account: %v", err)
			}
			if !s.JetStreamEnabled() || s.Name() != "n1" {
				t.Errorf("JetStream %t, name %q", s.JetStreamEnabled(), s.Name())
			}
		})
	}
}

func start(t *testing.T, file string) *server.Server {
	t.Helper()
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o.NoLog, o.NoSigs = true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not get ready")
	}
	return s
}

func FuzzServerConfig(f *testing.F) {
	f.Add("A\nlisten: 1", "http://h:1/jwt/v1/accounts/", `C:\a "b" #c`, "127.0.0.1:4222", "n1")
	f.Add("\xff}", "https://[::1]/a)b,'c'", "./$HOME/{{.x}}: y", "4222", "'n'")
	f.Add("", "http://memory/", "- a", ":-1", "$x")
	f.Add("é", "http://h/$x/%2f/*&!|>`@", `\'{}[]&*!|>%@`+"`", "[::1]:-1", "{n}:#")
	f.Fuzz(func(t *testing.T, name, url, dir, listen, serverName string) {
		// One refused value must not keep the others from being tried.
		if CheckListen(listen) != nil || Escape(listen) != listen {
			listen = ""
		}
		if strings.Contains(serverName, " ") || Escape(serverName) != serverName {
			serverName = ""
		}
		for _, kind := range kinds() {
			c := fakeConfig(t, kind)
			c.Operator.Name, c.System.Name, c.Accounts[0].Name = name, name, name
			c.URL, c.ResolverDir, c.JetStreamDir, c.Listen, c.ServerName = url, dir, dir, listen, serverName
			config, err := c.Encode()
			if err != nil {
				continue
			}
			checkValues(t, c, sameMeaning(t, config), config)
		}
	})
}

// checkValues holds what nats-server reads from a configuration to be what went in, and nothing else.
func checkValues(t *testing.T, c ServerConfig, got map[string]any, config []byte) {
	t.Helper()
	want := map[string]any{"operator": c.Operator.JWT, "system_account": c.System.ID}
	if c.ServerName != "" {
		want["server_name"] = c.ServerName
	}
	if c.JetStreamDir != "" {
		want["jetstream"] = map[string]any{"store_dir": c.JetStreamDir}
	}
	switch c.Resolver {
	case ResolverFull:
		want["resolver"] = map[string]any{
			"type": "full", "dir": cmp.Or(c.ResolverDir, "./jwt"), "allow_delete": false, "interval": "2m", "timeout": "1.9s",
		}
	case ResolverCache:
		want["resolver"] = map[string]any{
			"type": "cache", "dir": cmp.Or(c.ResolverDir, "./jwt"), "ttl": "1h", "timeout": "1.9s",
		}
	case ResolverMemory:
		want["resolver"] = "MEMORY"
	case ResolverURL:
		want["resolver"] = "URL(" + strings.TrimSuffix(c.URL, "/") + "/)"
		checkURLResolver(t, config)
	}
	if c.Resolver != ResolverURL {
		preload := map[string]any{c.System.ID: c.System.JWT}
		if c.Resolver == ResolverMemory {
			preload[c.Accounts[0].ID] = c.Accounts[0].JWT
		}
		want["resolver_preload"] = preload
	}
	delete(got, "listen") // TestListen
	if a, b := flat("", got), flat("", want); a != b {
		t.Fatalf("nats-server reads\n%s\nwant\n%s\nfrom\n%s", a, b, config)
	}
}

// checkURLResolver holds nats-server to take the resolver of a configuration for a URL.
func checkURLResolver(t *testing.T, config []byte) {
	t.Helper()
	for line := range strings.Lines(string(config)) {
		if !strings.HasPrefix(line, "resolver: ") {
			continue
		}
		var o server.Options
		if err := o.ProcessConfigString(line); err != nil {
			t.Fatalf("%v\n%s", err, config)
		}
		if _, ok := o.AccountResolver.(*server.URLAccResolver); !ok {
			t.Fatalf("resolver is a %T\n%s", o.AccountResolver, config)
		}
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]server.Options{
		"4222":           {Port: 4222},
		":4222":          {Port: 4222},
		"127.0.0.1:-1":   {Host: "127.0.0.1", Port: -1},
		"[::1]:65535":    {Host: "::1", Port: 65535},
		"nats.example:1": {Host: "nats.example", Port: 1},
	} {
		c := fakeConfig(t, ResolverFull)
		c.Listen = listen
		config, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sameMeaning(t, config)
		for line := range strings.Lines(string(config)) {
			var o server.Options
			if !strings.HasPrefix(line, "listen") {
				continue
			}
			if err := o.ProcessConfigString(line); err != nil || o.Host != want.Host || o.Port != want.Port {
				t.Errorf("%s: %q %d, %v", listen, o.Host, o.Port, err)
			}
		}
	}
}
