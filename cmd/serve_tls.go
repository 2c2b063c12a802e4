package cmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"

	"github.com/spf13/pflag"
)

// serveTLS says how nkeep serve proves who it is, and who its clients must be.
type serveTLS struct {
	cert, key, clientCA string
}

func (o *serveTLS) bind(f *pflag.FlagSet) {
	f.StringVar(&o.cert, "tls-cert", "", "certificate to serve HTTPS with, a PEM file")
	f.StringVar(&o.key, "tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&o.clientCA, "tls-client-ca", "", "authorities that certificates of clients must come from, a PEM file")
}

func (o *serveTLS) scheme() string {
	if o.cert == "" {
		return "http"
	}
	return "https"
}

// listen opens the address, with TLS where there is a certificate.
func (o *serveTLS) listen(ctx context.Context, address string) (net.Listener, error) {
	config, err := o.config(ctx)
	if err != nil {
		return nil, err
	}
	l, err := listenOn(ctx, address)
	if err != nil || config == nil {
		return l, err
	}
	return tls.NewListener(l, config), nil
}

// config is nil without a certificate.
func (o *serveTLS) config(ctx context.Context) (*tls.Config, error) {
	switch {
	case o.cert == "" && o.key == "" && o.clientCA == "":
		return nil, nil //nolint:nilnil // there being none is no error here
	case o.cert == "" || o.key == "":
		return nil, usagef("--tls-cert and --tls-key: belong together, and to --tls-client-ca")
	}
	pair, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", o.cert, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if o.clientCA == "" {
		return config, nil
	}
	pem, err := readFile(ctx, o.clientCA, maxKeyInput)
	if err != nil {
		return nil, err
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("file %q: holds no PEM certificate", o.clientCA)
	}
	return config, nil
}
