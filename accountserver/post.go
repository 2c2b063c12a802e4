package accountserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

var (
	errReadOnly  = errors.New("this account server is read-only; start it with --write to let it take tokens")
	errOldTokens = errors.New("tokens of the past are not kept")
	errNotReady  = errors.New("the store cannot be read")
	errBusy      = errors.New("another program is changing the store; try again")
	errTooLarge  = fmt.Errorf("the body is larger than %d bytes", MaxBody)
)

func (s *Server) postAccount(w http.ResponseWriter, r *http.Request) {
	token, err := s.posted(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	stored, err := s.take(r.Context(), token, r.PathValue("key"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.log.Info("account posted", "account", stored.account, "name", stored.name, "changed", stored.changed, "from", r.RemoteAddr)
	w.WriteHeader(http.StatusOK)
}

// posted reads the token of a request.
func (s *Server) posted(r *http.Request) (string, error) {
	if !s.o.Write {
		return "", refuse(http.StatusForbidden, errReadOnly)
	}
	body, err := io.ReadAll(r.Body)
	if errors.As(err, new(*http.MaxBytesError)) {
		return "", refuse(http.StatusRequestEntityTooLarge, errTooLarge)
	}
	if err != nil {
		return "", refuse(http.StatusBadRequest, errors.New("the body did not arrive"))
	}
	return bareToken(body)
}

// taken is what became of a token that came in.
type taken struct {
	account, name string
	changed       bool
}

// take judges an account token and stores it. It must be signed by the operator,
// in order and in force, and not older than what is there. key, when set, is
// whose it must be.
func (s *Server) take(ctx context.Context, token, key string) (taken, error) {
	ac, err := s.judge(token, key)
	if err != nil {
		return taken{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, storeTimeout, errBusy)
	defer cancel()
	t := taken{account: ac.Subject, name: ac.Name}
	err = s.o.Root.Update(ctx, func(tx *jwtstore.Tx) error {
		there, err := s.compare(ac, token)
		switch {
		case err != nil:
			return err
		case there == nil:
			t.changed = true
			_, err = tx.AddAccount(s.o.Operator, ac.Name, token)
		case there.token != token:
			t.name, t.changed = s.book.nameOf(ac.Subject), true
			_, err = tx.PutAccount(s.o.Operator, t.name, token)
		}
		return err
	})
	switch {
	case errors.Is(err, errBusy):
		return t, refuse(http.StatusServiceUnavailable, errBusy)
	case errors.Is(err, fs.ErrExist):
		return t, refuse(http.StatusConflict, fmt.Errorf("account %q: another account has that name here", ac.Name))
	case err != nil:
		return t, err
	}
	if t.changed { // the next answers, and the nats-servers, know it at once
		s.book.learn(t.name)
		s.tell(resolver.Account{ID: t.account, Token: token})
	}
	return t, nil
}

func (s *Server) judge(token, key string) (*jwt.AccountClaims, error) {
	oc, _, err := s.book.operator()
	if err != nil {
		return nil, err
	}
	ac, err := claims.VerifyAccount(token, oc, false)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err)
	}
	if key != "" && ac.Subject != key {
		return nil, refuse(http.StatusBadRequest, fmt.Errorf("account %q: the token is of another account than the path", ac.Name))
	}
	for _, issue := range claims.Check(ac, s.o.Now()) {
		if issue.Level != claims.LevelWarning {
			return nil, refuse(http.StatusBadRequest, fmt.Errorf("account %q: %s", ac.Name, issue.Text))
		}
	}
	if err := jwtstore.CheckName(ac.Name); err != nil {
		return nil, refuse(http.StatusBadRequest, err)
	}
	return ac, nil
}

// compare finds what the store has of an account, which nobody changes meanwhile:
// nil when it has nothing.
func (s *Server) compare(ac *jwt.AccountClaims, token string) (*held, error) {
	if err := s.book.settle(); err != nil {
		return nil, err
	}
	there, err := s.book.account(ac.Subject)
	if errors.Is(err, errUnknown) {
		return nil, nil //nolint:nilnil // there being none is no error here
	}
	if err != nil {
		return nil, err
	}
	if there.issued > ac.IssuedAt && there.token != token {
		return nil, refuse(http.StatusConflict, fmt.Errorf("account %q: the token is older than the one of %s that is stored", ac.Name, when(there.issued)))
	}
	return there, nil
}

// preflight tells browsers what pages of other origins may ask for.
func (s *Server) preflight(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", strings.Join([]string{http.MethodGet, http.MethodHead, http.MethodPost}, ", "))
	h.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}
