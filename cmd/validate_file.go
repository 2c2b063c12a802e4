package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"nkeep/claims"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// checkFile goes through the tokens in a file.
func (o *validate) checkFile(ctx context.Context, v *validateView) error {
	in, name, err := o.openTokens(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	c := &tokenCheck{view: v, file: name, now: o.env.Now(), known: o.family(ctx)}
	return c.all(ctx, in, newCrew())
}

// openTokens opens the file of tokens, or standard input.
func (o *validate) openTokens(ctx context.Context) (in io.ReadCloser, name string, err error) {
	fd, ok := descriptor(o.file)
	if o.file != "-" && (!ok || fd != 0) {
		in, err = openFile(o.path(o.file))
		return in, o.file, err
	}
	stdin, err := o.takeStdin("tokens")
	if err != nil {
		return nil, "", err
	}
	// Nothing ends the reading of a terminal; what waits for it ends with ctx.
	in, out := io.Pipe()
	go func() {
		_, err := io.Copy(out, stdin)
		_ = out.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(ctx.Err()) })
	return in, "standard input", nil
}

// family is the current operator with its accounts, nil when there is none that
// can be relied upon: then tokens are judged by themselves.
func (o *validate) family(ctx context.Context) *family {
	_, op, err := o.openOperator(ctx)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			o.out.Warnf("tokens are judged by themselves, for the operator is not known: %v", err)
		}
		return nil
	}
	return &family{op: op}
}

// kindToken is what cannot be read as a token of any kind.
const kindToken = "token"

// tokenCheck judges the tokens of a file.
type tokenCheck struct {
	view  *validateView
	file  string
	now   time.Time
	known *family
}

func (c *tokenCheck) all(ctx context.Context, in io.Reader, workers crew) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for t, err := range tokensIn(in) {
		if err != nil {
			return fmt.Errorf("%s: %w", c.file, bare(err))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		workers.run(&wg, func() { c.token(t) })
	}
	return nil
}

func (c *tokenCheck) token(t listedToken) {
	of := flaw{Kind: kindToken, File: c.file, Line: t.line, What: whatToken}
	err := t.err
	var claim jwt.Claims
	if err == nil {
		claim, err = claims.Read(t.token)
	}
	if err != nil {
		c.view.count(func(n *validated) { n.Others++ })
		c.view.add(of.failed(err))
		return
	}
	of.Kind, of.Name, of.PublicKey = string(claim.ClaimType()), claim.Claims().Name, claim.Claims().Subject
	c.view.issues(of, c.issues(of, claim))
	if t.key != "" && t.key != of.PublicKey {
		c.view.add(of.says(severityError, fmt.Sprintf("stands beside the key %q and belongs to %q", keystore.Redact(t.key), of.PublicKey)))
	}
	if t.seed != "" {
		c.seed(of, t.seed)
	}
}

// issues judges claims: by the operator and its accounts if they issued it.
func (c *tokenCheck) issues(of flaw, claim jwt.Claims) []claims.Issue {
	alone := claims.Chain{Now: c.now}
	switch claim := claim.(type) {
	case *jwt.OperatorClaims:
		c.view.count(func(n *validated) { n.Operators++ })
		return alone.OperatorIssues(claim)
	case *jwt.AccountClaims:
		c.view.count(func(n *validated) { n.Accounts++ })
		if c.known.issued(claim) {
			return c.known.judge(c.now).AccountIssues(claim)
		}
		c.foreign(of, "operator")
		return alone.AccountIssues(claim)
	case *jwt.UserClaims:
		c.view.count(func(n *validated) { n.Users++ })
		if ac := c.known.accountOf(claim); ac != nil {
			return c.known.judge(c.now).UserIssues(claim, ac)
		}
		c.foreign(of, "account")
		return alone.UserIssues(claim, nil)
	}
	c.view.count(func(n *validated) { n.Others++ })
	return claims.Check(claim, c.now)
}

// foreign notes that a token was judged by itself.
func (c *tokenCheck) foreign(of flaw, issuer string) {
	of.Field = "iss"
	c.view.add(of.says(severityNote, fmt.Sprintf("its %s is not known here, so that its issuer was not judged", issuer)))
}

// seed makes sure that the seed in creds is that of their user.
func (c *tokenCheck) seed(of flaw, seed string) {
	of.What = whatCreds
	c.view.count(func(n *validated) { n.Creds++ })
	kp, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		c.view.add(of.says(severityError, "the seed that follows it is not valid"))
		return
	}
	defer kp.Wipe()
	if public, err := kp.PublicKey(); err != nil || public != of.PublicKey {
		c.view.add(of.says(severityError, fmt.Sprintf("the seed that follows it is that of another key, %q", public)))
	}
}
