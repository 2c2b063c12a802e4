package accountserver

import (
	"bytes"
	_ "embed" // the page
	"html/template"
	"net/http"
	"sync"
	"time"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

//go:embed status.html
var statusPage string

// Bounds of the page: it is for people, and costs reading every account it shows.
const (
	shownAccounts = 500
	shownLinks    = 200
	statusLasts   = 2 * time.Second // for everybody who asks meanwhile
)

// status is what the page shows.
type status struct {
	Operator, Key string
	At            string
	Accounts      int
	Shown         []statusAccount
	Links         []statusLink
	MoreLinks     bool
	Graph         graph
}

// statusAccount is a row of the page.
type statusAccount struct {
	Name, Key, Issued, Expires string
	Exports, Imports           int
	Standing                   string // "", expired, or soon
}

// statusLink is an import: To has it from From.
type statusLink struct{ From, To, Subject, Type string }

// statusCache keeps the page for a moment, so that nobody can keep the server
// busy with it.
type statusCache struct {
	mu   sync.Mutex
	data []byte
	at   time.Time
}

func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) {
	data, err := s.statusData()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", neverRule)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	_, _ = w.Write(data) // whoever has hung up does not read it
}

func (s *Server) statusData() ([]byte, error) {
	s.page.mu.Lock()
	defer s.page.mu.Unlock()
	now := s.o.Now()
	if s.page.data != nil && now.Sub(s.page.at) < statusLasts {
		return s.page.data, nil
	}
	view, err := s.status(now)
	if err != nil {
		return nil, err
	}
	page, err := template.New("status").Parse(statusPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return nil, err
	}
	s.page.data, s.page.at = out.Bytes(), now
	return s.page.data, nil
}

func (s *Server) status(now time.Time) (status, error) {
	oc, _, err := s.book.operator()
	if err != nil {
		return status{}, err
	}
	v := status{Operator: oc.Name, Key: oc.Subject, At: now.UTC().Format(time.RFC3339), Accounts: s.book.size()}
	names := map[string]string{}
	var all []*jwt.AccountClaims
	for h := range s.everyAccount() {
		ac, err := claims.ReadAccount(h.token)
		if err != nil {
			continue
		}
		names[ac.Subject] = ac.Name
		if all = append(all, ac); len(all) == shownAccounts {
			break
		}
	}
	for _, ac := range all {
		v.Shown = append(v.Shown, shownAccount(ac, now))
		for _, im := range ac.Imports {
			if len(v.Links) == shownLinks {
				v.MoreLinks = true
				break
			}
			v.Links = append(v.Links, statusLink{orKey(names, im.Account), ac.Name, string(im.Subject), im.Type.String()})
		}
	}
	v.sort()
	v.Graph = drawGraph(v.Links)
	return v, nil
}

func shownAccount(ac *jwt.AccountClaims, now time.Time) statusAccount {
	a := statusAccount{
		Name: ac.Name, Key: ac.Subject, Issued: when(ac.IssuedAt), Expires: when(ac.Expires),
		Exports: len(ac.Exports), Imports: len(ac.Imports),
	}
	switch left := ac.Expires - now.Unix(); {
	case ac.Expires == 0:
	case left <= 0:
		a.Standing = "expired"
	case left < int64((30 * 24 * time.Hour).Seconds()):
		a.Standing = "soon"
	}
	return a
}

func orKey(names map[string]string, key string) string {
	if name := names[key]; name != "" {
		return name
	}
	return key
}
