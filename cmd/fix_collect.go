package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// tokenVersion is one token as it was found. Its signature is valid.
type tokenVersion struct {
	file, token string
	claims      jwt.Claims
}

func (v tokenVersion) data() *jwt.ClaimsData { return v.claims.Claims() }

// relic is an operator, account or user of which tokens were found.
type relic struct {
	versions []tokenVersion // those that were accepted, the newest first
	keys     map[string]bool
	parent   *relic
}

func (r *relic) newest() tokenVersion { return r.versions[0] }

func (r *relic) name() string { return r.newest().data().Name }

func (r *relic) subject() string { return r.newest().data().Subject }

// salvage is everything that was found, and what belongs together.
type salvage struct {
	found   map[jwt.ClaimType]map[string][]tokenVersion // by kind and identity
	seeds   map[string]nkeys.KeyPair
	skipped []skipped
	doubts  []string

	operators, accounts, users []*relic
}

func newSalvage() *salvage {
	return &salvage{
		found: map[jwt.ClaimType]map[string][]tokenVersion{jwt.OperatorClaim: {}, jwt.AccountClaim: {}, jwt.UserClaim: {}},
		seeds: map[string]nkeys.KeyPair{},
	}
}

func (s *salvage) skip(file, format string, args ...any) {
	s.skipped = append(s.skipped, skipped{file, fmt.Sprintf(format, args...)})
}

// collect reads all files below a directory. Only the directory itself may be a link.
func (s *salvage) collect(ctx context.Context, dir string) error {
	top, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fmt.Errorf("directory %q: %w", dir, bare(err))
	}
	if !isDir(top) {
		return fmt.Errorf("directory %q: is none", dir)
	}
	return filepath.WalkDir(top, func(file string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.skip(file, "%v", bare(err))
			return nil
		case !slices.Contains([]string{".jwt", ".nk", ".creds"}, filepath.Ext(file)) || e.IsDir():
			return nil
		case !e.Type().IsRegular():
			s.skip(file, "is not a regular file")
			return nil
		}
		s.file(ctx, file)
		return nil
	})
}

func (s *salvage) file(ctx context.Context, file string) {
	data, err := readFile(ctx, file, maxTokenFile)
	if err != nil {
		s.skip(file, "cannot be read")
		return
	}
	defer clear(data)
	switch filepath.Ext(file) {
	case ".nk":
		err = s.seed(keystore.Parse(data))
	case ".jwt":
		var token string
		if token, err = jwt.ParseDecoratedJWT(data); err == nil {
			err = s.token(file, token)
		}
	case ".creds":
		var (
			token string
			kp    nkeys.KeyPair
		)
		if token, kp, err = keystore.ParseCreds(data); err == nil {
			err = s.userCreds(file, token, kp)
		}
	}
	if err != nil {
		s.skip(file, "%v", err)
	}
}

func (s *salvage) userCreds(file, token string, kp nkeys.KeyPair) error {
	public, err := kp.PublicKey()
	if err != nil {
		return err
	}
	s.seeds[public] = kp
	return s.token(file, token)
}

func (s *salvage) seed(public string, kp nkeys.KeyPair, err error) error {
	switch {
	case err != nil:
		return err
	case kp == nil:
		return errors.New("holds a public key, and no seed")
	}
	s.seeds[public] = kp
	return nil
}

func (s *salvage) token(file, token string) error {
	token = strings.TrimSpace(token)
	c, err := claims.Read(token)
	if err != nil {
		return err
	}
	kind := s.found[c.ClaimType()]
	if kind == nil {
		return fmt.Errorf("holds a token of type %q", c.ClaimType())
	}
	subject := c.Claims().Subject
	if !slices.ContainsFunc(kind[subject], func(v tokenVersion) bool { return v.token == token }) {
		kind[subject] = append(kind[subject], tokenVersion{file, token, c})
	}
	return nil
}

// newestFirst are the versions of one entity.
func newestFirst(versions []tokenVersion) []tokenVersion {
	slices.SortFunc(versions, func(a, b tokenVersion) int {
		return cmp.Or(cmp.Compare(b.data().IssuedAt, a.data().IssuedAt), strings.Compare(a.token, b.token))
	})
	return versions
}
