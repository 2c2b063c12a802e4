package resolver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// selfSigned writes a certificate for 127.0.0.1 and its key.
func selfSigned(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	check(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return certFile, keyFile
}

// secureConfig is a server's side: it asks for a client certificate of the same authority.
func secureConfig(t *testing.T, certFile, keyFile string) *tls.Config {
	t.Helper()
	config, err := TLS{CACert: certFile, Cert: certFile, Key: keyFile}.config()
	check(t, err)
	config.ClientCAs, config.ClientAuth = config.RootCAs, tls.RequireAndVerifyClientCert
	return config
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile := selfSigned(t)
	all := TLS{CACert: certFile, Cert: certFile, Key: keyFile, Curves: []string{"X25519", "CurveP256"}}
	for _, first := range []bool{false, true} {
		o := baseOptions()
		o.TLSConfig, o.TLSTimeout, o.TLSHandshakeFirst = secureConfig(t, certFile, keyFile), 5, first
		s := start(t, o)
		config := all
		config.First = first
		for _, scheme := range []string{"tls", "nats"} {
			address := scheme + "://" + s.Addr().String()
			c := dialWith(t, Options{URLs: []string{address}, TLS: config})
			if _, err := c.RoundTrip(t.Context(), "x", []byte("y")); err != nil {
				t.Error(err)
			}
		}
		_, err := Dial(t.Context(), Options{URLs: []string{"tls://" + s.Addr().String()}, TLS: TLS{First: first}})
		if err == nil || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("without authority: %v", err)
		}
		_, err = Dial(t.Context(), Options{URLs: []string{"tls://" + s.Addr().String()}, TLS: TLS{CACert: certFile, First: first}})
		if err == nil {
			t.Error("connected without client certificate")
		}
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	certFile, keyFile := selfSigned(t)
	s := httptest.NewUnstartedServer(site(t, r.sysToken).Config.Handler)
	s.TLS = secureConfig(t, certFile, keyFile)
	s.StartTLS()
	t.Cleanup(s.Close)
	h := newHTTP(t, HTTPOptions{TLS: TLS{CACert: certFile, Cert: certFile, Key: keyFile}})
	if got, err := h.Fetch(t.Context(), s.URL+"/raw"); err != nil || string(got) != r.sysToken {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := newHTTP(t, HTTPOptions{}).Fetch(t.Context(), s.URL+"/raw"); err == nil {
		t.Error("unknown authority is trusted")
	}
}

func TestTLSFiles(t *testing.T) {
	t.Parallel()
	certFile, keyFile := selfSigned(t)
	for want, config := range map[string]TLS{
		"no PEM certificate": {CACert: keyFile},
		"CA certificate":     {CACert: filepath.Join(t.TempDir(), "absent")},
		"one is missing":     {Cert: certFile},
		"client certificate": {Cert: keyFile, Key: certFile},
		`TLS curve "P9"`:     {Curves: []string{"x25519mlkem768", "p384", "P521", "P9"}},
	} {
		if _, err := Dial(t.Context(), Options{URLs: []string{"tls://127.0.0.1:1"}, TLS: config}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if _, err := NewHTTP(HTTPOptions{TLS: config}); err == nil {
			t.Errorf("%s: accepted", want)
		}
	}
}
