package cmd

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"nkeep/jwtstore"
	"nkeep/keystore"
)

// expirySearch reads the head of every token of an operator, several at a time.
// Each file is opened once; of a token only what is shown is kept.
type expirySearch struct {
	store          *jwtstore.Store
	ring           *keystore.Ring
	crew           crew
	now, threshold time.Time
	skip           bool

	mu   sync.Mutex // guards rows
	rows []expiration
}

func (s *expirySearch) all(ctx context.Context) error {
	token, err := s.store.Operator()
	s.add(expiration{Kind: jwtstore.KindOperator, Resource: s.store.Name}, token, err)
	creds, err := s.credsNames()
	if err != nil {
		return err
	}
	accounts, err := s.store.AccountTokens()
	if err != nil {
		return err
	}
	defer accounts.Close()
	names := accounts.Names()
	if err := s.crew.each(ctx, len(names), func(i int) { s.account(ctx, accounts, names[i], creds[names[i]]) }); err != nil {
		return err
	}
	for _, name := range names {
		delete(creds, name)
	}
	for account, users := range creds { // of accounts that are gone
		for _, user := range users {
			s.creds(account, user, "", false)
		}
	}
	return nil
}

// credsNames are the users that have creds, by account.
func (s *expirySearch) credsNames() (map[string][]string, error) {
	names := map[string][]string{}
	for e, err := range s.ring.AllCreds(s.store.Name) {
		switch {
		case err != nil && e.Account == "":
			return nil, err
		case err != nil:
			s.add(expiration{Kind: kindCreds, Resource: e.Path, account: e.Account}, "", err)
		default:
			names[e.Account] = append(names[e.Account], e.User)
		}
	}
	return names, nil
}

// account reads an account, its users and their creds.
func (s *expirySearch) account(ctx context.Context, tokens *jwtstore.Tokens, name string, creds []string) {
	token, err := tokens.Read(name)
	of := expiration{Kind: jwtstore.KindAccount, Resource: path.Join(s.store.Name, name), account: name}
	if !errors.Is(err, fs.ErrNotExist) { // a directory without a token is no account
		s.add(of, token, err)
	}
	users, err := s.store.UserTokens(name)
	if err != nil {
		s.add(of, "", err)
		return
	}
	defer users.Close()
	with := make(map[string]bool, len(creds))
	for _, user := range creds {
		with[user] = true
	}
	names := users.Names()
	_ = s.crew.each(ctx, len(names), func(i int) { s.user(users, name, names[i], with[names[i]]) }) // whoever waits for all accounts sees that ctx ended
	for _, user := range names {
		delete(with, user)
	}
	for _, user := range slices.Sorted(maps.Keys(with)) {
		s.creds(name, user, "", false)
	}
}

func (s *expirySearch) user(tokens *jwtstore.Tokens, account, name string, creds bool) {
	token, err := tokens.Read(name)
	s.add(expiration{Kind: jwtstore.KindUser, Resource: path.Join(s.store.Name, account, name), account: account, user: name}, token, err)
	if creds {
		s.creds(account, name, token, true)
	}
}

// creds reads the creds of a user, whose present token is given if it can be read.
func (s *expirySearch) creds(account, user, present string, known bool) {
	token, err := s.ring.CredsToken(s.store.Name, account, user)
	s.add(expiration{
		Kind: kindCreds, Resource: s.ring.CredsPath(s.store.Name, account, user), account: account, user: user,
		Stale: err == nil && present != "" && token != present, Orphan: !known,
	}, token, err)
}

// add fills in what a token says of its expiry, or why it could not be read.
func (s *expirySearch) add(e expiration, token string, err error) {
	var head jwtstore.Head
	if err == nil {
		head, err = jwtstore.ReadHead(token)
	}
	e.ID, e.Expiry = head.Subject, head.Expires
	switch {
	case err != nil:
		e.Error, e.When = reason(err), "Unknown"
	case head.Expires == 0:
		e.When = "Never"
	default:
		e.expires(s.now, s.threshold)
	}
	if s.skip && e.Error == "" && !e.ExpiresSoon {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, e)
}

// view sorts what was found: the operator first, then each account, its users
// and their creds.
func (s *expirySearch) view() expirationsView {
	slices.SortFunc(s.rows, expiration.compare)
	return expirationsView{Threshold: s.threshold.UTC().Format(time.RFC3339), Report: s.rows}
}
