package accountserver

import (
	"bufio"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// getPack sends many accounts at once, as lines KEY|TOKEN in the order of the
// keys. Those that have expired, or cannot be read, are left out.
func (s *Server) getPack(w http.ResponseWriter, r *http.Request) {
	most, err := packSize(r.URL.Query().Get("max"), s.book.size())
	if err != nil {
		s.fail(w, r, refuse(http.StatusBadRequest, err))
		return
	}
	w.Header().Set("Content-Type", textType)
	w.Header().Set("Cache-Control", neverRule)
	out := bufio.NewWriter(w)
	for h := range s.accounts() {
		if most == 0 {
			break
		}
		most--
		if _, err := fmt.Fprintf(out, "%s|%s\n", h.subject, h.token); err != nil {
			return // the client has hung up
		}
	}
	_ = out.Flush() // likewise
}

// packSize reads how many accounts are wanted: no number means as many as there
// may be, a negative one all of them, or none when they are too many.
func packSize(text string, there int) (int, error) {
	if text == "" {
		return MaxPack, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, errors.New("max: is not a number")
	case n > MaxPack:
		return 0, fmt.Errorf("max: %d are the most", MaxPack)
	case n < 0 && there > MaxPack:
		return 0, fmt.Errorf("max: there are %d accounts, and %d are the most", there, MaxPack)
	case n < 0:
		return MaxPack, nil
	}
	return n, nil
}

// accounts are the accounts that are in force, in the order of their keys.
func (s *Server) accounts() iter.Seq[*held] {
	return func(yield func(*held) bool) {
		for h := range s.everyAccount() {
			if h.expires > 0 && h.expires <= s.o.Now().Unix() {
				continue
			}
			if !yield(h) {
				return
			}
		}
	}
}

// everyAccount is accounts with those that have expired.
func (s *Server) everyAccount() iter.Seq[*held] {
	return func(yield func(*held) bool) {
		if _, err := s.book.list(); err != nil {
			s.log.Error("cannot list the accounts", "error", err)
		}
		for _, public := range s.book.keys() {
			h, err := s.book.account(public)
			if err != nil {
				if !errors.Is(err, errUnknown) {
					s.log.Warn("account left out", "account", public, "error", err)
				}
				continue
			}
			if !yield(h) {
				return
			}
		}
	}
}

// keys are the public keys of all accounts, sorted.
func (b *book) keys() []string {
	b.mu.RLock()
	ids := slices.Collect(maps.Keys(b.pages))
	b.mu.RUnlock()
	keys := make([]string, 0, len(ids))
	for _, key := range ids {
		keys = append(keys, key.public())
	}
	slices.Sort(keys)
	return keys
}
