package accountserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"nkeep/claims"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// getActivation answers with an activation that was posted, by its hash.
func (s *Server) getActivation(w http.ResponseWriter, r *http.Request) {
	hash := r.PathValue("hash")
	token, err := s.book.store.Activation(hash)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && jwtstore.CheckName(hash) == nil {
		s.fail(w, r, err)
		return
	}
	act, readErr := claims.ReadActivation(token)
	if err != nil || readErr != nil {
		s.fail(w, r, errUnknown)
		return
	}
	s.answer(w, r, &held{token: token, head: head{act.Name, act.Subject, act.ID, act.IssuedAt, act.Expires}})
}

func (s *Server) postActivation(w http.ResponseWriter, r *http.Request) {
	token, err := s.posted(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	act, hash, err := s.judgeActivation(token)
	if err == nil {
		err = s.storeActivation(r.Context(), act, hash, token)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.log.Info("activation posted", "hash", hash, "exporter", claims.Exporter(act), "from", r.RemoteAddr)
	w.WriteHeader(http.StatusOK)
}

// judgeActivation takes what an account of the operator has issued for one of its
// exports, and has not revoked.
func (s *Server) judgeActivation(token string) (*jwt.ActivationClaims, string, error) {
	bad := func(err error) (*jwt.ActivationClaims, string, error) {
		return nil, "", refuse(http.StatusBadRequest, err)
	}
	act, err := claims.ReadActivation(token)
	if err != nil {
		return bad(err)
	}
	exporter, err := s.book.account(claims.Exporter(act))
	if errors.Is(err, errUnknown) {
		return bad(fmt.Errorf("activation %q: comes from an account that is not here", act.Name))
	}
	if err != nil {
		return nil, "", err
	}
	ac, err := claims.ReadAccount(exporter.token)
	if err != nil {
		return nil, "", err
	}
	if _, err := claims.VerifyActivation(token, ac); err != nil {
		return bad(err)
	}
	found := claims.ExportsWith(ac, string(act.ImportSubject), act.ImportType)
	if len(found) == 0 {
		return bad(fmt.Errorf("activation %q: account %q has no such export", act.Name, ac.Name))
	}
	if ac.Exports[found[0]].Revocations.IsRevoked(act.Subject, time.Unix(act.IssuedAt, 0)) {
		return bad(fmt.Errorf("activation %q: was revoked by account %q", act.Name, ac.Name))
	}
	if act.Expires > 0 && act.Expires <= s.o.Now().Unix() {
		return bad(fmt.Errorf("activation %q: expired at %s", act.Name, when(act.Expires)))
	}
	hash, err := act.HashID()
	if err != nil {
		return bad(err)
	}
	return act, hash, nil
}

func (s *Server) storeActivation(ctx context.Context, act *jwt.ActivationClaims, hash, token string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, storeTimeout, errBusy)
	defer cancel()
	err := s.o.Root.Update(ctx, func(tx *jwtstore.Tx) error {
		there, err := s.book.store.Activation(hash)
		if err == nil {
			old, readErr := claims.ReadActivation(there)
			if readErr == nil && old.IssuedAt > act.IssuedAt {
				return refuse(http.StatusConflict, fmt.Errorf("activation %q: is older than the one of %s that is stored", act.Name, when(old.IssuedAt)))
			}
		}
		if there == token {
			return nil
		}
		_, err = tx.PutActivation(s.o.Operator, hash, token)
		return err
	})
	if errors.Is(err, errBusy) {
		return refuse(http.StatusServiceUnavailable, errBusy)
	}
	return err
}
