package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// temporaryUserLife is how long a temporary user is valid after each connect,
// as long as nsc's is. It is made anew at every reconnect.
const temporaryUserLife = 2 * time.Minute

// login is who logs in. Who says it for people.
type login struct {
	resolver.Identity
	who string
}

// login is whom the command line names, or the context; else a temporary user of
// the system account that may do what the command needs and nothing else, signed
// here and never stored; else a stored user.
func (o *onlineFlags) login(ctx context.Context, w *workspace, op *operator, pub, sub []string) (login, error) {
	if o.systemUser == "" && o.systemAccount == "" {
		if id, ok, err := o.named(ctx, w); ok || err != nil {
			return id, err
		}
	}
	sys, err := o.system(op)
	if err != nil {
		return login{}, err
	}
	if o.systemUser == "" {
		id, err := w.temporaryUser(op, sys, pub, sub, temporaryUserLife)
		if err == nil {
			return login{id, fmt.Sprintf("a temporary user of account %q", sys.name)}, nil
		}
		if !errors.Is(err, errNoTemporarySigner) {
			return login{}, err
		}
	}
	return w.storedUser(op, sys, o.systemUser)
}

// named is who --creds or --context logs in, if either does.
func (o *onlineFlags) named(ctx context.Context, w *workspace) (id login, ok bool, err error) {
	if o.creds != "" {
		id, err = w.credsLogin(ctx, o.creds)
		return id, err == nil, err
	}
	if err := o.readContext(w); err != nil || o.nats == nil {
		return login{}, false, err
	}
	id, ok, err = o.nats.login(ctx, w)
	if err != nil {
		return login{}, false, fmt.Errorf("context %q: %w", o.context, err)
	}
	id.who += fmt.Sprintf(", of context %q", o.context)
	return id, ok, nil
}

// credsLogin logs in with a creds file.
func (w *workspace) credsLogin(ctx context.Context, file string) (login, error) {
	data, err := w.app.readAs(ctx, file, "--creds", maxKeyInput)
	if err != nil {
		return login{}, err
	}
	defer clear(data)
	token, kp, err := keystore.ParseCreds(data)
	if err != nil {
		return login{}, fmt.Errorf("file %q: %w", file, err)
	}
	id, err := w.userLogin(token, kp)
	if err != nil {
		return login{}, fmt.Errorf("file %q: %w", file, err)
	}
	id.who += fmt.Sprintf(" (%s)", file)
	return id, nil
}

// userLogin logs in as the user of a token that came from outside, if the key is its.
func (w *workspace) userLogin(token string, kp nkeys.KeyPair) (login, error) {
	uc, err := jwt.DecodeUserClaims(token)
	if err != nil {
		return login{}, errors.New("its token is not that of a user")
	}
	if public, err := kp.PublicKey(); err != nil || public != uc.Subject {
		return login{}, fmt.Errorf("user %q: the seed beside its token is another's", uc.Name)
	}
	w.app.warnStanding(jwtstore.KindUser, uc.Name, token, uc)
	return login{userIdentity(token, kp), fmt.Sprintf("user %q", uc.Name)}, nil
}

// addressedLogin logs in as a stored user: nsc://operator/account/user.
func (w *workspace) addressedLogin(address string) (login, error) {
	u, err := url.Parse(address)
	if err != nil {
		return login{}, fmt.Errorf("user %q: is not written nsc://OPERATOR/ACCOUNT/USER", address)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 2 || u.Host == "" {
		return login{}, fmt.Errorf("user %q: is not written nsc://OPERATOR/ACCOUNT/USER", address)
	}
	op, err := w.operator(u.Host)
	if err != nil {
		return login{}, err
	}
	ac, err := op.account(parts[0])
	if err != nil {
		return login{}, err
	}
	return w.storedUser(op, ac, parts[1])
}

func (o *onlineFlags) system(op *operator) (*account, error) {
	if o.systemAccount == "" {
		return op.systemAccount()
	}
	name, err := findAccount(op.store, o.systemAccount)
	if err != nil {
		return nil, err
	}
	return op.account(name)
}

// temporaryUser signs a user that lives for a while at every connect. A scoped key never
// signs it: its role would decide what the user may do.
func (w *workspace) temporaryUser(op *operator, sys *account, pub, sub []string, life time.Duration) (resolver.Identity, error) {
	plain, _ := claims.UserSigners(op.claims, sys.claims)
	by, ok, err := w.storedSigner(plain)
	if err != nil {
		return resolver.Identity{}, err
	}
	if !ok {
		return resolver.Identity{}, errNoTemporarySigner
	}
	k, err := w.app.newKey(nkeys.PrefixByteUser)
	if err != nil {
		return resolver.Identity{}, err
	}
	return resolver.Identity{
		Token: func() (string, error) {
			expires := w.app.env.Now().Add(life).Unix()
			return by.encode(claims.NewTemporaryUser(k.public, "nkeep temporary user", sys.claims.Subject, pub, sub, expires))
		},
		Sign: k.pair.Sign,
	}, nil
}

// storedUser logs in as a user of the system account: the named one, or the
// first whose seed is stored.
func (w *workspace) storedUser(op *operator, sys *account, named string) (login, error) {
	names := []string{named}
	if named == "" {
		var err error
		if names, err = op.store.UserNames(sys.name); err != nil {
			return login{}, err
		}
	}
	for _, name := range names {
		u, err := op.user(sys, name)
		if err != nil {
			return login{}, err
		}
		kp, err := w.ring.Get(u.claims.Subject)
		if err != nil && named != "" {
			return login{}, err
		}
		if err == nil {
			return login{userIdentity(u.token, kp), fmt.Sprintf("user %q of account %q", name, sys.name)}, nil
		}
	}
	return login{}, withHint(fmt.Errorf("log in to account %q: %w, nor is the seed of any of its users", sys.name, errNoTemporarySigner),
		"name a user whose seed is stored with --system-user, or a creds file with --creds")
}

func userIdentity(token string, kp nkeys.KeyPair) resolver.Identity {
	return resolver.Identity{Token: func() (string, error) { return token, nil }, Sign: kp.Sign}
}
