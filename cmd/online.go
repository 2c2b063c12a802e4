package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// onlineFlags say how a command reaches servers: where they are, and as whom it
// logs in. A command holds one, binds the flags, and dials.
type onlineFlags struct {
	url           string
	creds         string
	context       string
	tls           resolver.TLS
	systemAccount string
	systemUser    string
	timeout       int // seconds
	expect        []string
	urlFlag       string // as people give it

	nats *natsContext // what --context names, once it has been read
}

// bindURL binds the flag for the servers to go to, which has a name of its own in
// each command that nsc has too.
func (o *onlineFlags) bindURL(f *pflag.FlagSet, name, short string) {
	o.urlFlag = "--" + name
	if short != "" {
		o.urlFlag = "-" + short
	}
	f.StringVarP(&o.url, name, short, "", "servers to go to, separated by commas, instead of those of the context or the operator")
}

// bind binds everything but the URL, for a command that logs in to the system account.
func (o *onlineFlags) bind(a *app, c *cobra.Command) {
	f := c.Flags()
	o.bindLogin(a, c, f)
	f.StringVar(&o.systemAccount, "system-account", "", "system account to log in to, by name or public key, if not the operator's")
	f.StringVar(&o.systemUser, "system-user", "", "user of the system account to log in as, instead of a temporary one")
	f.IntVar(&o.timeout, "timeout", 0, "seconds to wait for the answers to one request, 1 to 60 (default 2, and 5 for an account server)")
	a.completeAccounts(c, "system-account")
	exclusive(c, "creds", "system-user")
	exclusive(c, "creds", "system-account")
}

// bindLogin binds who logs in, and how the connection is secured.
func (o *onlineFlags) bindLogin(a *app, c *cobra.Command, f *pflag.FlagSet) {
	f.StringVar(&o.creds, "creds", "", "log in with this creds file")
	f.StringVar(&o.context, "context", "", "take URL, login and TLS from this context of the nats command")
	o.bindTLS(f)
	a.completeFlag(c, "context", contextNames)
}

// bindTLS binds how the connection is secured.
func (o *onlineFlags) bindTLS(f *pflag.FlagSet) {
	bindCertificates(f, &o.tls)
	f.BoolVar(&o.tls.First, "tls-first", false, "begin with the TLS handshake")
	f.Var(into{"string", func(s string) error { o.tls.Curves = strings.Split(s, ","); return nil }}, "tls-curves", "key exchanges to offer, in order: X25519, P256, P384, P521")
}

// errand is what a command goes to servers for.
type errand struct {
	client   string   // name of the connection there
	doing    string   // for people, before the URL: pushing to
	pub, sub []string // subjects that suffice, for a temporary user
}

// dial connects to the servers of an operator, and says to which and as whom.
func (o *onlineFlags) dial(ctx context.Context, w *workspace, op *operator, e errand) (*resolver.Conn, error) {
	target, err := o.target(w, op)
	if err != nil {
		return nil, err
	}
	if isHTTP(target) {
		return nil, withHint(usagef("URL %q: is of an HTTP account server, and this goes to NATS servers", redactURLs(target)), "give the URL of a server: nats://host:4222")
	}
	id, err := o.login(ctx, w, op, e.pub, e.sub)
	if err != nil {
		return nil, err
	}
	return o.dialAs(ctx, w.app, target, e, id, "is the server running, and does it trust operator %q? see: nkeep generate config --help", op.store.Name)
}

// dialAs connects as somebody, and says so. The hint is for a connection that fails.
func (o *onlineFlags) dialAs(ctx context.Context, a *app, target string, e errand, id login, hint string, args ...any) (*resolver.Conn, error) {
	conn, err := o.connect(ctx, a, target, e, id)
	return conn, hintServer(err, hint, args...)
}

// hintServer says what may be wrong with a server that is not reached; what is wrong
// with certificates here is none of its business.
func hintServer(err error, hint string, args ...any) error {
	if _, ours := errors.AsType[*resolver.TLSError](err); ours {
		return hintPair(err)
	}
	return withHint(err, hint, args...)
}

// connect says where it goes as whom, and goes there.
func (o *onlineFlags) connect(ctx context.Context, a *app, target string, e errand, id login) (*resolver.Conn, error) {
	a.out.Notef("%s %s as %s", e.doing, redactURLs(target), id.who)
	return resolver.Dial(ctx, o.options(a, target, e.client, id))
}

// options say how to connect to a URL.
func (o *onlineFlags) options(a *app, target, name string, id login) resolver.Options {
	options := resolver.Options{
		URLs: []string{target}, Name: name, Identity: id.Identity, TLS: o.security(a),
		Timeout: o.wait(answerTime),
	}
	if o.nats != nil {
		options.URLs, options.InboxPrefix = []string{o.nats.withSecret(target)}, o.nats.InboxPrefix
	}
	return options
}

// answerTime is how long a server may usually take for an answer.
const answerTime = 2 * time.Second

// seconds is how long to wait, within nsc's bounds.
func (o *onlineFlags) seconds() int { return min(max(o.timeout, 1), 60) }

// wait is how long a request may take.
func (o *onlineFlags) wait(usual time.Duration) time.Duration {
	if o.timeout == 0 {
		return usual
	}
	return time.Duration(o.seconds()) * time.Second
}

// httpTimeout is how long an account server may take for one exchange.
func (o *onlineFlags) httpTimeout() time.Duration { return o.wait(5 * time.Second) }

// security is what flags say about TLS, or else the context, or else the environment.
func (o *onlineFlags) security(a *app) resolver.TLS {
	tls := o.tls
	if o.nats != nil {
		o.nats.secure(a, &tls)
	}
	return a.secured(tls)
}

// target is where to go: the command line says so, the context, or the operator.
func (o *onlineFlags) target(w *workspace, op *operator) (string, error) {
	if err := o.readContext(w); err != nil {
		return "", err
	}
	target := o.url
	if target == "" && o.nats != nil {
		target = o.nats.URL
	}
	if target == "" {
		target = op.claims.AccountServerURL
	}
	if target == "" {
		target = strings.Join(op.claims.OperatorServiceURLs, ",")
	}
	if target == "" {
		return "", withHint(usagef("operator %q: has no URL to go to", op.store.Name), "give one with %s nats://localhost:4222, or keep it: nkeep edit operator --account-jwt-server-url nats://localhost:4222", o.urlFlag)
	}
	if err := checkTarget(target); err != nil {
		return "", err
	}
	return target, nil
}

// checkTarget refuses what is no list of URLs of servers, or one HTTP URL.
func checkTarget(target string) error {
	list := strings.Split(target, ",")
	for _, one := range list {
		one = strings.TrimSpace(one)
		if _, err := claims.ParseAccountServerURL(one); err != nil {
			err = usageError{fmt.Errorf("URL %q: %w", redactURLs(one), err)}
			if !strings.Contains(one, "://") {
				return withHint(err, "did you mean: nats://%s", one)
			}
			return err
		}
		if isHTTP(one) && len(list) > 1 {
			return usagef("URL %q: an HTTP account server stands alone", redactURLs(target))
		}
	}
	return nil
}

// redactURLs hides the passwords and tokens of a list of URLs.
func redactURLs(list string) string {
	urls := strings.Split(list, ",")
	for i, s := range urls {
		urls[i] = resolver.Redact(s)
	}
	return strings.Join(urls, ",")
}

// errNoSystemAccount tells what to do about an operator without one.
func errNoSystemAccount(op *operator) error {
	return withHint(fmt.Errorf("operator %q: has no system account", op.store.Name),
		"choose one with: nkeep edit operator --system-account NAME")
}

var errNoTemporarySigner = errors.New("no key that signs unscoped users of the system account is in the keystore")
