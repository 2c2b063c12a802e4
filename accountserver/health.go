package accountserver

import "net/http"

// help tells people, and the tools that ask for it, what there is.
const help = `The account server of nkeep.

GET  /jwt/v1/accounts/KEY      the token of an account; 304 for a known ETag
       ?check=true             404 when it has expired
       ?decode=true            as JSON that people can read
       ?text=true              as plain text, without caching
       ?notify=true            tells the nats-servers of it, too
POST /jwt/v1/accounts/KEY      stores a token that the operator signed (with --write)
GET  /jwt/v1/activations/HASH  the token of an activation
POST /jwt/v1/activations       stores one (with --write)
GET  /jwt/v1/operator          the token of the operator
GET  /jwt/v1/pack?max=N        many accounts, as lines KEY|TOKEN
GET  /jwt/v1/help              this
GET  /healthz                  200 while the server runs
GET  /readyz                   200 while it can read its store
GET  /metrics                  counters for Prometheus
GET  /                         a page for people
`

func (s *Server) getHelp(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", textType)
	_, _ = w.Write([]byte(help)) // whoever has hung up does not read it
}

// getHealth answers as long as there is anybody to.
func (s *Server) getHealth(http.ResponseWriter, *http.Request) {}

// getReady tells whether the store can be read: otherwise somebody else should
// be asked.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) {
	if _, _, err := s.book.operator(); err != nil {
		s.log.Error("not ready", "error", err)
		s.fail(w, r, refuse(http.StatusServiceUnavailable, errNotReady))
	}
}
