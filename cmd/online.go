package cmd

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
	"github.com/spf13/pflag"
)

// temporaryUserLife is how long a temporary user is valid after each connect,
// as long as nsc's is. It is made anew at every reconnect.
const temporaryUserLife = 2 * time.Minute

// onlineFlags say how a command reaches servers.
type onlineFlags struct {
	tls           resolver.TLS
	systemAccount string
	systemUser    string
	timeout       int // seconds
}

func (o *onlineFlags) bind(f *pflag.FlagSet) {
	f.StringVar(&o.tls.CACert, "ca-cert", "", "certificate authorities to trust, a PEM file (default $NATS_CA)")
	f.StringVar(&o.tls.Cert, "client-cert", "", "client certificate, a PEM file (default $NATS_CERT)")
	f.StringVar(&o.tls.Key, "client-key", "", "key of the client certificate, a PEM file (default $NATS_KEY) (default $NATS_CERT)")
	f.BoolVar(&o.tls.First, "tls-first", false, "begin with the TLS handshake")
	f.Var(into{"string", func(s string) error { o.tls.Curves = strings.Split(s, ","); return nil }}, "tls-curves", "key exchanges to offer, in order: X25519, P256, P384, P521")
	f.StringVar(&o.systemAccount, "system-account", "", "system account to log in to, by name or public key, if not the operator's")
	f.StringVar(&o.systemUser, "system-user", "", "user of the system account to log in as, instead of a temporary one")
	f.IntVar(&o.timeout, "timeout", 2, "seconds to wait for the answers to one request, 1 to 60")
}

// identity is how a command logs in to the system account: as a temporary user
// that may do what the command needs and nothing else, signed here and never
// stored, or as a stored user. Who says which, for people.
func (o *onlineFlags) identity(w *workspace, op *operator, pub, sub []string) (id resolver.Identity, who string, err error) {
	sys, err := o.system(op)
	if err != nil {
		return id, "", err
	}
	if o.systemUser == "" {
		id, err := w.temporaryUser(op, sys, pub, sub, temporaryUserLife)
		if err == nil {
			return id, fmt.Sprintf("a temporary user of account %q", sys.name), nil
		}
		if !errors.Is(err, errNoTemporarySigner) {
			return id, "", err
		}
	}
	return w.storedUser(op, sys, o.systemUser)
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

var errNoTemporarySigner = errors.New("no key that signs unscoped users of the system account is in the keystore")

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
func (w *workspace) storedUser(op *operator, sys *account, named string) (id resolver.Identity, who string, err error) {
	names := []string{named}
	if named == "" {
		if names, err = op.store.UserNames(sys.name); err != nil {
			return id, "", err
		}
	}
	for _, name := range names {
		u, err := op.user(sys, name)
		if err != nil {
			return id, "", err
		}
		kp, err := w.ring.Get(u.claims.Subject)
		if err != nil && named != "" {
			return id, "", err
		}
		if err == nil {
			return userIdentity(u.token, kp), fmt.Sprintf("user %q of account %q", name, sys.name), nil
		}
	}
	return id, "", withHint(fmt.Errorf("log in to account %q: %w, nor is the seed of any of its users", sys.name, errNoTemporarySigner),
		"name a user whose seed is stored with --system-user")
}

func userIdentity(token string, kp nkeys.KeyPair) resolver.Identity {
	return resolver.Identity{Token: func() (string, error) { return token, nil }, Sign: kp.Sign}
}

// redactURLs hides the passwords of a list of URLs.
func redactURLs(list string) string {
	urls := strings.Split(list, ",")
	for i, s := range urls {
		if u, err := url.Parse(s); err == nil {
			urls[i] = u.Redacted()
		}
	}
	return strings.Join(urls, ",")
}

// options say how to connect to a URL.
func (o *onlineFlags) options(a *app, target, name string, id resolver.Identity) resolver.Options {
	for variable, to := range map[string]*string{"NATS_CA": &o.tls.CACert, "NATS_CERT": &o.tls.Cert, "NATS_KEY": &o.tls.Key} {
		if *to == "" {
			*to = a.getenv(variable)
		}
	}
	return resolver.Options{
		URLs: []string{target}, Name: name, Identity: id, TLS: o.tls,
		Timeout: time.Duration(min(max(o.timeout, 1), 60)) * time.Second,
	}
}

// errNoSystemAccount tells what to do about an operator without one.
func errNoSystemAccount(op *operator) error {
	return withHint(fmt.Errorf("operator %q: has no system account", op.store.Name),
		"choose one with: nkeep edit operator --system-account NAME")
}
