package accountserver

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"nkeep/jwtstore"
	"nkeep/resolver"
)

// Limits of an exchange.
const (
	// MaxBody is the size in bytes of the largest token that is taken.
	MaxBody = 1 << 20
	// MaxPack is how many accounts one pack may hold.
	MaxPack = 10_000

	maxHeader    = 16 << 10 // bytes
	readTimeout  = 5 * time.Second
	writeTimeout = 30 * time.Second // a pack is large, and clients may be slow
	idleTimeout  = 2 * time.Minute
	storeTimeout = 4 * time.Second // to wait for another program that changes the store
)

// Options say what to serve.
type Options struct {
	Root     *jwtstore.Root
	Operator string // whose accounts are served
	// Write lets POST change the store.
	Write bool
	// Certificates make it speak HTTPS; nil is for plain HTTP.
	Certificates *Certificates
	Now          func() time.Time
	Log          *slog.Logger
}

// Server answers for the accounts of one operator.
type Server struct {
	o       Options
	book    *book
	log     *slog.Logger
	debug   bool // requests are logged one by one
	metrics *meters
	digests digestCache
	notify  func(accounts []resolver.Account) // nil where there is nobody to tell
}

// New opens the store of the operator and learns which accounts there are.
func New(o Options) (*Server, error) {
	store, err := o.Root.Operator(o.Operator)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, book: newBook(store, o.Now), log: o.Log, debug: o.Log.Enabled(context.Background(), slog.LevelDebug)}
	s.metrics = newMeters(s)
	if _, _, err := s.book.operator(); err != nil {
		return nil, err
	}
	if _, err := s.book.refresh(); err != nil {
		return nil, err
	}
	return s, nil
}

// Accounts is the number of accounts that are served.
func (s *Server) Accounts() int { return s.book.size() }

// Handler answers requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]http.HandlerFunc{
		"GET /{$}":                       s.getStatus,
		"GET /healthz":                   s.getHealth,
		"GET /readyz":                    s.getReady,
		"GET /metrics":                   s.getMetrics,
		"GET /jwt/v1/help":               s.getHelp,
		"GET /jwt/v1/operator":           s.getOperator,
		"GET /jwt/v1/pack":               s.getPack,
		"GET /jwt/v1/accounts":           s.getAlive,
		"GET /jwt/v1/accounts/{$}":       s.getAlive,
		"GET /jwt/v1/accounts/{key}":     s.getAccount,
		"POST /jwt/v1/accounts/{key}":    s.postAccount,
		"POST /jwt/v1/activations":       s.postActivation,
		"GET /jwt/v1/activations/{hash}": s.getActivation,
	} {
		mux.Handle(pattern, s.counted(pattern, answer))
	}
	return s.guarded(mux)
}

// HTTP is a server with limits in time and size for requests of any kind. What
// it has to complain about goes to the log.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// guarded bounds what is read of a request, and lets pages of any origin read
// the answers: all of them are public.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodOptions {
			s.preflight(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fail answers with an error, in words that tell nothing about this machine.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, "the store cannot be read; see the log of the account server"
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
		status, text = refused.status, refused.Error()
	case errors.Is(err, errUnknown):
		status, text = http.StatusNotFound, "not found"
	default:
		s.log.Error("cannot answer", "path", r.URL.Path, "error", err)
	}
	w.Header().Set("Content-Type", textType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // whoever has hung up does not read it
}

// refusal is what a client did wrong.
type refusal struct {
	status int
	error
}

func (r *refusal) Unwrap() error { return r.error }

func refuse(status int, err error) error { return &refusal{status, err} }
