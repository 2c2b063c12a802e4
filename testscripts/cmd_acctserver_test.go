package testscripts

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/rogpeppe/go-internal/testscript"
)

// acctServer is an HTTP account server in the hands of an operator: what is posted
// to it he signs, or what its mode says.
type acctServer struct {
	mu          sync.Mutex
	operator    string // the file of its token, read when it is asked for
	key         nkeys.KeyPair
	mode        string
	accounts    map[string]string
	activations []string
}

// cmdAcctServer starts an HTTP account server on the loopback interface, which
// signs with the key of an operator; ACCT_URL is its URL. Called once more, it
// gives another key or mode to the one there is: sign (at first), limit (also lowers the
// connections to 5), meddle (also adds a signing key), refuse, defer, hang, foreign
// (signs with a key of nobody), keep (serves what it got), stale (serves what it had),
// lose (takes it and has nothing).
//
// With a certificate (NAME.pem, NAME.key) it takes those alone that have one, too.
//
//	acctserver theirs/ACME/ACME.jwt $OPERATOR_KEY
//	acctserver theirs/ACME/ACME.jwt $OPERATOR_KEY server
//	acctserver refuse
func cmdAcctServer(ts *testscript.TestScript, neg bool, args []string) {
	session := sessionOf(ts)
	switch {
	case neg || len(args) < 1 || len(args) > 3:
		ts.Fatalf("usage: acctserver operator.jwt key [certificate], or: acctserver MODE")
	case len(args) == 1 && session.acctServer == nil:
		ts.Fatalf("acctserver: is not running")
	case len(args) == 1:
		session.acctServer.mu.Lock()
		defer session.acctServer.mu.Unlock()
		session.acctServer.mode = args[0]
		return
	}
	if s := session.acctServer; s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.operator, s.key = ts.MkAbs(args[0]), pairOf(ts, args[1])
		return
	}
	s := &acctServer{operator: ts.MkAbs(args[0]), key: pairOf(ts, args[1]), mode: "sign", accounts: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jwt/v1/operator", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		http.ServeFile(w, r, s.operator)
	})
	mux.HandleFunc("GET /jwt/v1/accounts/{id}", s.get)
	mux.HandleFunc("POST /jwt/v1/accounts/{id}", s.post)
	mux.HandleFunc("POST /jwt/v1/activations", s.activation)
	server := httptest.NewUnstartedServer(mux)
	if len(args) == 3 {
		server.TLS = mutualTLS(ts, args[2])
		server.StartTLS()
	} else {
		server.Start()
	}
	ts.Defer(func() {
		server.CloseClientConnections()
		server.Close()
	})
	session.acctServer = s
	ts.Setenv("ACCT_URL", server.URL+"/jwt/v1")
}

// mutualTLS has a certificate of the authority, and wants one of it.
func mutualTLS(ts *testscript.TestScript, name string) *tls.Config {
	pair, err := tls.LoadX509KeyPair(ts.MkAbs(name+".pem"), ts.MkAbs(name+".key"))
	ts.Check(err)
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(ts.ReadFile("ca.pem"))) {
		ts.Fatalf("ca.pem: no certificate in it")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: authorities, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
}

func (s *acctServer) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.accounts[r.PathValue("id")]
	if !ok || s.mode == "lose" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = io.WriteString(w, token)
}

func (s *acctServer) post(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	mode := s.mode
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body) // the end of a connection shows once all has been read
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if mode == "hang" {
		<-r.Context().Done()
		return
	}
	account, err := jwt.DecodeAccountClaims(string(body))
	if err != nil || account.Subject != path.Base(r.URL.Path) {
		http.Error(w, "not an account of this name", http.StatusBadRequest)
		return
	}
	switch mode {
	case "refuse":
		http.Error(w, "the quota is used up", http.StatusBadRequest)
		return
	case "defer":
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "somebody looks at it")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if mode != "stale" {
		s.accounts[account.Subject], err = s.signed(account, string(body), mode)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// signed is what the operator makes of an account.
func (s *acctServer) signed(account *jwt.AccountClaims, token, mode string) (string, error) {
	key := s.key
	stranger, err := nkeys.CreateOperator()
	if err != nil {
		return "", err
	}
	switch mode {
	case "keep":
		return token, nil
	case "limit":
		account.Limits.Conn = 5
	case "meddle":
		public, err := stranger.PublicKey()
		if err != nil {
			return "", err
		}
		account.SigningKeys.Add("A" + public[1:])
	case "foreign":
		key = stranger
	}
	return account.Encode(key)
}

func (s *acctServer) activation(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	mode := s.mode
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	_, broken := jwt.DecodeActivationClaims(strings.TrimSpace(string(body)))
	switch {
	case mode == "hang":
		<-r.Context().Done()
	case mode == "lose":
		http.NotFound(w, r)
	case err != nil || broken != nil || mode == "refuse":
		http.Error(w, fmt.Sprint("not an activation: ", broken), http.StatusBadRequest)
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.activations = append(s.activations, string(body))
	}
}
