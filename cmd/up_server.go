package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"nkeep/render"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	upListen      = "127.0.0.1:4222"
	upListenCheck = "127.0.0.1:-1"
	upServerName  = "nkeep"
	upStart       = 20 * time.Second // JetStream recovers its streams at start
)

// upServer is the embedded server.
type upServer struct {
	server *server.Server
	dir    string
	conf   string
}

func (s *upServer) url() string { return s.server.ClientURL() }

func (s *upServer) stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// serve starts a server on a configuration as generate config writes it.
func (o *up) serve(ctx context.Context, w *workspace, op *operator) (*upServer, error) {
	dir := filepath.Join(w.places.Config.Path, ".up", op.store.Name)
	if o.dir != "" {
		dir = o.path(o.dir)
	}
	data, err := o.configure(op, dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("server directory: %w", err)
	}
	conf := filepath.Join(dir, "server.conf")
	if err := render.WriteFile(conf, data, 0o600, true); err != nil {
		return nil, err
	}
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		return nil, fmt.Errorf("server configuration %q: %w", conf, err)
	}
	opts.NoSigs = true
	if err := portFree(ctx, opts); err != nil {
		return nil, err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	log := &serverLog{}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if !s.ReadyForConnections(upStart) || log.fatal() != nil {
		s.Shutdown()
		return nil, errors.Join(errors.New("server: did not start"), log.fatal())
	}
	return &upServer{s, dir, conf}, nil
}

func (o *up) configure(op *operator, dir string) ([]byte, error) {
	sys, err := op.systemAccount()
	if err != nil {
		return nil, err
	}
	listen := o.listen
	switch {
	case listen == "" && o.check:
		listen = upListenCheck
	case listen == "":
		listen = upListen
	}
	return render.ServerConfig{
		Resolver: render.ResolverFull, AllowDelete: true, ServerName: upServerName, Listen: listen,
		Operator:     render.NamedToken{Name: op.store.Name, ID: op.claims.Subject, JWT: op.token},
		System:       render.NamedToken{Name: sys.name, ID: sys.claims.Subject, JWT: sys.token},
		JetStreamDir: filepath.Join(dir, "jetstream"), ResolverDir: filepath.Join(dir, "jwt"),
	}.Encode()
}

// portFree says beforehand what the server would only log.
func portFree(ctx context.Context, opts *server.Options) error {
	if opts.Port <= 0 {
		return nil
	}
	l, err := listenOn(ctx, net.JoinHostPort(opts.Host, strconv.Itoa(opts.Port)))
	if err != nil {
		return err
	}
	return l.Close()
}

// serverLog keeps what the server dies of, and drops the rest: what happens to
// clients is shown from events.
type serverLog struct {
	mu    sync.Mutex
	dying []string
}

func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dying = append(l.dying, fmt.Sprintf(format, v...))
}

func (l *serverLog) Noticef(string, ...any) {}
func (l *serverLog) Warnf(string, ...any)   {}
func (l *serverLog) Errorf(string, ...any)  {}
func (l *serverLog) Debugf(string, ...any)  {}
func (l *serverLog) Tracef(string, ...any)  {}

func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.dying) == 0 {
		return nil
	}
	return errors.New(strings.Join(l.dying, "; "))
}
