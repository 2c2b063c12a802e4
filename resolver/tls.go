package resolver

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
)

// TLS names the files and settings of an encrypted connection. The zero TLS
// uses the system's certificate authorities where a server asks for TLS.
type TLS struct {
	CACert string   // PEM file with the authorities to trust instead of the system's
	Cert   string   // PEM file with the client certificate
	Key    string   // PEM file with the key of Cert
	First  bool     // NATS only: handshake before the server's first line
	Curves []string // key exchanges in order of preference: X25519MLKEM768, X25519, P256, P384, P521
}

// Check reports files and settings that cannot be used, as a [*TLSError].
func (t TLS) Check() error {
	_, err := t.config()
	return err
}

// config loads the files; it returns nil where nothing is set.
func (t TLS) config() (*tls.Config, error) {
	if t.CACert == "" && t.Cert == "" && t.Key == "" && !t.First && len(t.Curves) == 0 {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, load := range []func(*tls.Config) error{t.loadCA, t.loadPair, t.setCurves} {
		if err := load(config); err != nil {
			return nil, &TLSError{err}
		}
	}
	return config, nil
}

func (t TLS) loadCA(config *tls.Config) error {
	if t.CACert == "" {
		return nil
	}
	pem, err := os.ReadFile(t.CACert)
	if err != nil {
		return fmt.Errorf("CA certificate: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("CA certificate %q: no PEM certificate in it", t.CACert)
	}
	return nil
}

func (t TLS) loadPair(config *tls.Config) error {
	if t.Cert == "" && t.Key == "" {
		return nil
	}
	if t.Cert == "" || t.Key == "" {
		return ErrHalfPair
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return fmt.Errorf("client certificate %q: %w", t.Cert, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

func (t TLS) setCurves(config *tls.Config) error {
	for _, name := range t.Curves {
		curve, err := parseCurve(name)
		if err != nil {
			return err
		}
		config.CurvePreferences = append(config.CurvePreferences, curve)
	}
	return nil
}

// parseCurve also takes the spelling of nats-server's configuration (CurveP256).
func parseCurve(name string) (tls.CurveID, error) {
	switch strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "curve") {
	case "x25519mlkem768":
		return tls.X25519MLKEM768, nil
	case "x25519":
		return tls.X25519, nil
	case "p256":
		return tls.CurveP256, nil
	case "p384":
		return tls.CurveP384, nil
	case "p521":
		return tls.CurveP521, nil
	}
	return 0, fmt.Errorf("TLS curve %q: unknown; known are X25519MLKEM768, X25519, P256, P384 and P521", name)
}
