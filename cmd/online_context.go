package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"nkeep/resolver"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
)

// maxContextFile is the size in bytes of the largest context file that is read.
const maxContextFile = 256 << 10

// natsContext is a named set of connection settings of the nats command, as far
// as it concerns us. The library that owns the format brings an expression
// language and JSON schemas along, which would cost a fifth of the time in which
// nkeep starts: this reads the file itself.
type natsContext struct {
	URL         string `json:"url"`
	Token       string `json:"token"`
	User        string `json:"user"`
	Password    string `json:"password"`
	Creds       string `json:"creds"`
	NKey        string `json:"nkey"`
	NSC         string `json:"nsc"` // older spelling of creds that begin with nsc://
	UserJWT     string `json:"user_jwt"`
	UserSeed    string `json:"user_seed"`
	Cert        string `json:"cert"`
	Key         string `json:"key"`
	CA          string `json:"ca"`
	TLSFirst    bool   `json:"tls_first"`
	InboxPrefix string `json:"inbox_prefix"`
	SocksProxy  string `json:"socks_proxy"`
	WinStore    string `json:"windows_cert_store"`
}

// readContext reads what --context names, once.
func (o *onlineFlags) readContext(w *workspace) error {
	if o.context == "" || o.nats != nil {
		return nil
	}
	nc, err := w.app.natsContext(o.context)
	if err != nil {
		return err
	}
	o.nats = nc
	return nil
}

func (a *app) contextDir() string {
	base := a.getenv("XDG_CONFIG_HOME")
	if base == "" {
		base = filepath.Join(a.home(), ".config")
	}
	return filepath.Join(a.path(base), "nats", "context")
}

func (a *app) natsContext(name string) (*natsContext, error) {
	if name != filepath.Base(name) || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return nil, usagef("context %q: is not the name of a context", name)
	}
	data, err := readFile(context.Background(), filepath.Join(a.contextDir(), name+".json"), maxContextFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(missingf("context %q: is not there", name), "contexts are made with: nats context add; those there are: %s", orNone(strings.Join(a.contexts(), ", ")))
	}
	if err != nil {
		return nil, fmt.Errorf("context %q: %w", name, err)
	}
	defer clear(data)
	nc := &natsContext{}
	if err := json.Unmarshal(data, nc); err != nil {
		return nil, fmt.Errorf("context %q: its file is not JSON as it should be", name) // the cause might quote a secret
	}
	switch {
	case nc.SocksProxy != "":
		return nil, fmt.Errorf("context %q: goes through a SOCKS proxy, which nkeep does not", name)
	case nc.WinStore != "":
		return nil, fmt.Errorf("context %q: keeps its certificate in the store of Windows, where nkeep does not look", name)
	}
	return nc, nil
}

func (a *app) contexts() []string {
	files, _ := os.ReadDir(a.contextDir()) // one that is not there has none
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".json"); ok {
			names = append(names, name)
		}
	}
	return names
}

func contextNames(w *workspace, _ *cobra.Command, _ string) ([]string, error) {
	return w.app.contexts(), nil
}

// login is who a context logs in; ok is false when it says nothing about that.
func (nc *natsContext) login(ctx context.Context, w *workspace) (id login, ok bool, err error) {
	creds := nc.Creds
	if creds == "" {
		creds = nc.NSC
	}
	switch {
	case strings.HasPrefix(creds, "nsc://"):
		id, err = w.addressedLogin(creds)
	case creds != "":
		file := strings.TrimPrefix(creds, "file://")
		if strings.Contains(file, "://") || strings.HasPrefix(file, "data:") {
			return id, false, errors.New("keeps its creds where nkeep does not look: only files and nsc:// addresses are read")
		}
		id, err = w.credsLogin(ctx, os.Expand(file, w.app.getenv))
	case nc.UserJWT != "" && nc.UserSeed != "":
		kp, broken := nkeys.FromSeed([]byte(nc.UserSeed))
		if broken != nil {
			return id, false, errors.New("its user seed is not one")
		}
		id, err = w.userLogin(nc.UserJWT, kp)
	case nc.NKey != "":
		return id, false, errors.New("logs in with an nkey alone, and servers with an operator want a user's token")
	case nc.User != "" || nc.Token != "":
		id.who = "the user of the URL" // see withSecret
	default:
		return id, false, nil
	}
	return id, err == nil, err
}

// withSecret adds the user or the token of a context to URLs that have none.
func (nc *natsContext) withSecret(list string) string {
	secret := url.UserPassword(nc.User, nc.Password)
	switch {
	case nc.User == "" && nc.Token == "":
		return list
	case nc.User == "":
		secret = url.User(nc.Token)
	}
	urls := strings.Split(list, ",")
	for i, s := range urls {
		if u, err := url.Parse(strings.TrimSpace(s)); err == nil && u.User == nil {
			u.User = secret
			urls[i] = u.String()
		}
	}
	return strings.Join(urls, ",")
}

// secure fills in what nobody said about TLS.
func (nc *natsContext) secure(a *app, tls *resolver.TLS) {
	tls.First = tls.First || nc.TLSFirst
	for _, file := range []struct {
		to   *string
		from string
	}{{&tls.CACert, nc.CA}, {&tls.Cert, nc.Cert}, {&tls.Key, nc.Key}} {
		if *file.to == "" && file.from != "" {
			*file.to = a.path(os.Expand(file.from, a.getenv))
		}
	}
}
