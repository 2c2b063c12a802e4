package cmd

import (
	"fmt"
	"io/fs"
	"strconv"

	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// signedAccount is a new account that only has to be written.
type signedAccount struct {
	key    key
	claims *jwt.AccountClaims
	token  string
}

// addAccount signs a new account and stages its token and key.
func (c *change) addAccount(operator string, k key, ac *jwt.AccountClaims, by signer) (entity, error) {
	token, err := by.encode(ac)
	if err != nil {
		return entity{}, err
	}
	return c.stageAccount(operator, signedAccount{k, ac, token})
}

func (c *change) stageAccount(operator string, s signedAccount) (entity, error) {
	e := entityOf(actionAdded, jwtstore.KindAccount, s.claims)
	e.Operator = operator
	file, err := c.tokens.AddAccount(operator, s.claims.Name, s.token)
	if err != nil {
		return entity{}, err
	}
	e.file("token", file)
	return e, c.put(s.key, "key", &e)
}

// refuseTaken makes sure that no key that was given belongs to somebody already.
// A key that was generated is nobody else's.
func refuseTaken(kind string, lines []line, given []string, keys []key, find func(publics ...string) (map[string]string, error)) error {
	var publics []string
	for i, k := range keys {
		if given[i] != "" {
			publics = append(publics, k.public)
		}
	}
	if len(publics) == 0 {
		return nil
	}
	taken, err := find(publics...)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if given[i] == "" {
			continue
		}
		if by, ok := taken[k.public]; ok {
			err := &jwtstore.EntityError{Kind: kind, Name: k.public, Err: fs.ErrExist}
			return lines[i].wrap(fmt.Errorf("%w, as %q", err, by))
		}
		taken[k.public] = lines[i].name
	}
	return nil
}

// signedUser is a new user that only has to be written.
type signedUser struct {
	key    key
	claims *jwt.UserClaims
	token  string
	creds  []byte // nil when the seed is not known
}

// signUser signs a new user, and makes its creds.
func signUser(k key, uc *jwt.UserClaims, by signer) (s signedUser, err error) {
	s = signedUser{key: k, claims: uc}
	if s.token, err = by.encode(uc); err != nil || k.pair == nil {
		return s, err
	}
	if s.creds, err = keystore.FormatOwn(s.token, k.pair); err != nil {
		return s, fmt.Errorf("creds of user %q: %w", uc.Name, err)
	}
	return s, nil
}

// addUser signs a new user and stages its token, its key and its creds.
func (c *change) addUser(operator, account string, k key, uc *jwt.UserClaims, by signer) (entity, error) {
	s, err := signUser(k, uc, by)
	if err != nil {
		return entity{}, err
	}
	return c.stageUser(operator, account, s)
}

func (c *change) stageUser(operator, account string, s signedUser) (entity, error) {
	e := entityOf(actionAdded, jwtstore.KindUser, s.claims)
	e.Operator, e.Account = operator, account
	file, err := c.tokens.AddUser(operator, account, s.claims.Name, s.token)
	if err != nil {
		return entity{}, err
	}
	e.file("token", file)
	if s.creds == nil {
		return e, nil
	}
	if err := c.put(s.key, "key", &e); err != nil {
		return entity{}, err
	}
	file, err = c.keys.PutFormatted(operator, account, s.claims.Name, s.creds)
	if err != nil {
		return entity{}, err
	}
	e.file("creds", file)
	return e, nil
}

// withoutSeed names, in quotes, newcomers of which nothing but the token was written.
func withoutSeed(done []entity) []string {
	var names []string
	for _, e := range done {
		if len(e.Files) == 1 {
			names = append(names, strconv.Quote(e.Name))
		}
	}
	return names
}

// summary is what became of one of many: a line of text, and of JSON.
type summary entity

// Text implements [render.View].
func (s summary) Text(t *render.Text) { t.Linef("%s %s %q %s", s.Action, s.Kind, s.Name, s.PublicKey) }

// showChanged shows what became of entities, of many in a line each.
func (a *app) showChanged(entities []entity, many bool) error {
	if !many {
		return a.out.Show(report{Entities: entities})
	}
	for _, e := range entities {
		if err := a.out.ShowLine(summary(e)); err != nil {
			return err
		}
	}
	return nil
}
