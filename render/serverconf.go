package render

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ResolverKind is how a nats-server finds account tokens.
type ResolverKind string

// The resolvers of nats-server.
const (
	// ResolverMemory holds the accounts that the configuration lists; a change needs a new configuration.
	ResolverMemory ResolverKind = "memory"
	// ResolverFull keeps every account in a directory and takes pushes.
	ResolverFull ResolverKind = "full"
	// ResolverCache keeps the accounts in use in a directory and asks other servers for the rest.
	ResolverCache ResolverKind = "cache"
	// ResolverURL asks an HTTP account server.
	ResolverURL ResolverKind = "url"
)

// NamedToken is an entity in a server configuration: its public key, its token and, for the comment beside it, its name.
type NamedToken struct {
	Name, ID, JWT string
}

// ServerConfig is what a nats-server has to know to trust an operator. Empty fields are left out of the file.
type ServerConfig struct {
	Resolver ResolverKind
	Operator NamedToken
	// System is the system account. The full and cache resolvers cannot do without.
	System NamedToken
	// Accounts are preloaded by the memory resolver, sorted by key, and must not be empty there. Others do not preload them.
	Accounts []NamedToken
	// URL is the http or https base of the account server, for the URL resolver: "http://host:9090/jwt/v1/accounts/".
	URL string
	// ServerName must not have blanks.
	ServerName string
	// Listen is "host:port" or "port".
	Listen string
	// JetStreamDir is where JetStream stores; empty leaves JetStream off.
	JetStreamDir string
	// ResolverDir is where the full and cache resolvers store; "./jwt" if empty.
	ResolverDir string
	// AllowDelete lets the system account delete accounts from the full resolver.
	AllowDelete bool
}

// Encode returns the configuration file. It is nats-server configuration and at the same time YAML of the same meaning, so
// that it can be pasted into Helm values and Kubernetes objects: strings are quoted, entries in braces are separated by
// commas, comments start with a hash. A value that cannot be written in both is an error.
func (c ServerConfig) Encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var e confEncoder
	e.comment("Server configuration for operator %q (%s), made by nkeep.", c.Operator.Name, c.Operator.ID)
	e.text("operator", c.Operator.JWT)
	if c.System.ID != "" {
		e.comment("%s", c.System.Name)
		e.text("system_account", c.System.ID)
	}
	e.optional("server_name", c.ServerName)
	c.encodeListen(&e)
	if c.JetStreamDir != "" {
		e.open("jetstream")
		e.text("store_dir", c.JetStreamDir)
		e.close()
	}
	if err := c.encodeResolver(&e); err != nil {
		return nil, err
	}
	return e.bytes()
}

func (c ServerConfig) check() error {
	if err := c.Operator.check("operator", 'O'); err != nil {
		return err
	}
	if c.System != (NamedToken{}) {
		if err := c.System.check("system account", 'A'); err != nil {
			return err
		}
	}
	if strings.Contains(c.ServerName, " ") {
		return fmt.Errorf("server name %q: has a blank", c.ServerName)
	}
	if c.AllowDelete && c.Resolver != ResolverFull {
		return fmt.Errorf("resolver %q: cannot delete accounts", c.Resolver)
	}
	return CheckListen(c.Listen)
}

// encodeListen writes a port as a number, which is the only way nats-server takes one without a host.
func (c ServerConfig) encodeListen(e *confEncoder) {
	if strings.Contains(c.Listen, ":") {
		e.text("listen", c.Listen)
	} else if c.Listen != "" {
		e.plain("listen", c.Listen)
	}
}

func (c ServerConfig) encodeResolver(e *confEncoder) error {
	switch c.Resolver {
	case ResolverMemory:
		return c.encodeMemory(e)
	case ResolverFull, ResolverCache:
		return c.encodeDirectory(e)
	case ResolverURL:
		return c.encodeURL(e)
	default:
		return fmt.Errorf("resolver %q: not one of memory, full, cache, url", c.Resolver)
	}
}

func (c ServerConfig) encodeMemory(e *confEncoder) error {
	accounts, err := c.preload()
	if err != nil {
		return err
	}
	e.plain("resolver", "MEMORY")
	e.preload(accounts)
	return nil
}

// preload returns the accounts, the system account among them, sorted by key and each of them once.
func (c ServerConfig) preload() ([]NamedToken, error) {
	if len(c.Accounts) == 0 {
		return nil, errors.New("memory resolver: no accounts")
	}
	accounts := slices.Clone(c.Accounts)
	if c.System.ID != "" {
		accounts = append(accounts, c.System)
	}
	slices.SortStableFunc(accounts, func(a, b NamedToken) int { return cmp.Compare(a.ID, b.ID) })
	for i, a := range accounts {
		if err := a.check("account", 'A'); err != nil {
			return nil, err
		}
		if i > 0 && a.ID == accounts[i-1].ID && a.JWT != accounts[i-1].JWT {
			return nil, fmt.Errorf("account %q: two tokens for one key", a.Name)
		}
	}
	return slices.CompactFunc(accounts, func(a, b NamedToken) bool { return a.ID == b.ID }), nil
}

// encodeDirectory preloads the system account only: everything else is pushed to it.
func (c ServerConfig) encodeDirectory(e *confEncoder) error {
	if c.System.ID == "" {
		return fmt.Errorf("resolver %q: needs a system account", c.Resolver)
	}
	e.open("resolver")
	e.plain("type", string(c.Resolver))
	e.text("dir", cmp.Or(c.ResolverDir, "./jwt"))
	if c.Resolver == ResolverFull {
		e.plain("allow_delete", strconv.FormatBool(c.AllowDelete))
		e.text("interval", "2m")
	} else {
		e.text("ttl", "1h")
	}
	e.text("timeout", "1.9s")
	e.close()
	e.preload([]NamedToken{c.System})
	return nil
}

// encodeURL preloads nothing: nats-server refuses to start with a preload for a resolver it cannot write to, and asks the
// account server for the system account as for any other.
func (c ServerConfig) encodeURL(e *confEncoder) error {
	url, err := resolverURL(c.URL)
	if err != nil {
		return err
	}
	e.text("resolver", "URL("+url+")")
	return nil
}
