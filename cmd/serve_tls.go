package cmd

import (
	"log/slog"

	"nkeep/accountserver"

	"github.com/spf13/pflag"
)

// serveTLS says how nkeep serve proves who it is, and who its clients must be.
type serveTLS struct {
	files accountserver.CertificateFiles
}

func (o *serveTLS) bind(f *pflag.FlagSet) {
	f.StringVar(&o.files.Cert, "tls-cert", "", "certificate to serve HTTPS with, a PEM file; read anew when it is replaced")
	f.StringVar(&o.files.Key, "tls-key", "", "key of that certificate, a PEM file")
	f.StringVar(&o.files.ClientCA, "tls-client-ca", "", "authorities that certificates of clients must come from, a PEM file")
}

func (o *serveTLS) scheme() string {
	if o.files.Cert == "" {
		return "http"
	}
	return "https"
}

// certificates are nil for plain HTTP.
func (o *serveTLS) certificates(log *slog.Logger) (*accountserver.Certificates, error) {
	switch {
	case o.files == accountserver.CertificateFiles{}:
		return nil, nil //nolint:nilnil // there being none is no error here
	case o.files.Cert == "" || o.files.Key == "":
		return nil, usagef("--tls-cert and --tls-key: belong together, and to --tls-client-ca")
	}
	return accountserver.LoadCertificates(o.files, log)
}
