package accountserver

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// Content types of the answers.
const (
	tokenType = "application/jwt"
	textType  = "text/plain; charset=utf-8"
	jsonType  = "application/json"
)

// How long those in between may keep an answer without an expiry: not at all
// without asking again, since a token may be replaced at any moment.
const (
	staleRule = "stale-while-revalidate=3600, stale-if-error=3600"
	neverRule = "no-cache, no-store, must-revalidate"
)

// getAlive answers nats-server, which asks for the bare path at its start.
func (s *Server) getAlive(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", neverRule)
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "0")
}

func (s *Server) getAccount(w http.ResponseWriter, r *http.Request) {
	h, err := s.book.account(r.PathValue("key"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, h)
}

func (s *Server) getOperator(w http.ResponseWriter, r *http.Request) {
	oc, token, err := s.book.operator()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, &held{token: token, head: head{oc.Name, oc.Subject, oc.ID, oc.IssuedAt, oc.Expires}})
}

// answer sends a token in the form that the query asks for.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, h *held) {
	if r.URL.RawQuery != "" && s.answerQuery(w, r, h) {
		return
	}
	header := w.Header()
	etag := `"` + h.jti + `"`
	header.Set("Etag", etag)
	header.Set("Cache-Control", s.cacheRule(h.expires))
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", tokenType)
	header.Set("Content-Length", strconv.Itoa(len(h.token)))
	_, _ = w.Write([]byte(h.token)) // whoever has hung up does not read it
}

// answerQuery is for what was asked for beyond the token; done is false when
// the token itself is to follow.
func (s *Server) answerQuery(w http.ResponseWriter, r *http.Request, h *held) (done bool) {
	query := r.URL.Query()
	switch {
	case query.Has("jti"):
		s.fail(w, r, refuse(http.StatusNotImplemented, errOldTokens))
		return true
	case isTrue(query.Get("check")) && h.expires > 0 && h.expires <= s.o.Now().Unix():
		s.fail(w, r, errUnknown)
		return true
	}
	if isTrue(query.Get("notify")) {
		s.tell(resolver.Account{ID: h.subject, Token: h.token})
	}
	w.Header().Set("Cache-Control", neverRule) // for people, who look at what is there now
	switch {
	case isTrue(query.Get("decode")):
		s.answerDecoded(w, r, h)
	case isTrue(query.Get("text")):
		w.Header().Set("Content-Type", textType)
		_, _ = w.Write([]byte(h.token))
	default:
		return false
	}
	return true
}

// cacheRule lets a token be kept until it expires. One without an expiry, or
// past it, is to be asked for again each time, which costs a 304.
func (s *Server) cacheRule(expires int64) string {
	if left := expires - s.o.Now().Unix(); expires > 0 && left > 0 {
		return "max-age=" + strconv.FormatInt(left, 10) + ", " + staleRule
	}
	return "max-age=0, " + staleRule
}

// matches reports whether one of the tags in an If-None-Match header is etag.
// Weak ones count as well (RFC 9110, section 13.1.2).
func matches(header, etag string) bool {
	if header == "" {
		return false
	}
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

func isTrue(value string) bool { return strings.EqualFold(value, "true") }

func (s *Server) answerDecoded(w http.ResponseWriter, r *http.Request, h *held) {
	data, err := decoded(h.token)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	_, _ = w.Write(data)
}

// when is a time as people read it, empty for none.
func when(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

// bareToken also takes a token that is decorated. To look for decorations costs
// more than all else that a body can cost, so that it is done only where some are.
func bareToken(body []byte) (token string, err error) {
	if token = string(body); strings.Contains(token, "-----BEGIN") {
		token, err = jwt.ParseDecoratedJWT(body)
	}
	token = strings.TrimSpace(token)
	if err != nil || strings.Count(token, ".") != 2 {
		return "", refuse(http.StatusBadRequest, errors.New("the body is not a token"))
	}
	return token, nil
}
