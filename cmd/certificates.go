package cmd

import (
	"errors"
	"time"

	"nkeep/resolver"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// bindCertificates binds the files that secure a connection.
func bindCertificates(f *pflag.FlagSet, tls *resolver.TLS) {
	f.StringVar(&tls.CACert, "ca-cert", "", "certificate authorities to trust, a PEM file (default $NATS_CA)")
	f.StringVar(&tls.Cert, "client-cert", "", "client certificate, a PEM file (default $NATS_CERT)")
	f.StringVar(&tls.Key, "client-key", "", "key of the client certificate, a PEM file (default $NATS_KEY)")
}

// bindCertificates binds them for a command that goes to servers by the way: for a
// token, to the account server of a managed store, or to push what it has changed.
func (a *app) bindCertificates(c *cobra.Command) { bindCertificates(c.Flags(), &a.certificates) }

// secured adds what the environment says about TLS, and nobody else has said.
func (a *app) secured(tls resolver.TLS) resolver.TLS {
	for variable, to := range map[string]*string{"NATS_CA": &tls.CACert, "NATS_CERT": &tls.Cert, "NATS_KEY": &tls.Key} {
		if *to == "" {
			*to = a.getenv(variable)
		}
	}
	return tls
}

// checkCertificates finds files that cannot be used before anything changes.
func (a *app) checkCertificates() error {
	return hintPair(a.secured(a.certificates).Check())
}

// hintPair adds to an error about half a pair, which is a wrong command line, how to
// name the whole.
func hintPair(err error) error {
	if !errors.Is(err, resolver.ErrHalfPair) {
		return err
	}
	return withHint(usageError{err}, "name both with --client-cert and --client-key")
}

// http is a client of HTTP servers that are gone to by the way; 0 means the usual time
// for an exchange.
func (a *app) http(timeout time.Duration) (*resolver.HTTP, error) {
	return resolver.NewHTTP(resolver.HTTPOptions{TLS: a.secured(a.certificates), Timeout: timeout})
}
