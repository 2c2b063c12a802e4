package resolver

import (
	"crypto/tls"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/internal/testcerts"
)

// certified is a certificate for 127.0.0.1, and its authority.
func certified(t *testing.T) TLS {
	t.Helper()
	ca, err := testcerts.NewAuthority(t.TempDir())
	check(t, err)
	check(t, ca.Issue("test"))
	return TLS{CACert: ca.File("ca.pem"), Cert: ca.File("test.pem"), Key: ca.File("test.key")}
}

// secureConfig is a server's side: it asks for a client certificate of the same authority.
func secureConfig(t *testing.T, files TLS) *tls.Config {
	t.Helper()
	config, err := files.config()
	check(t, err)
	config.ClientCAs, config.ClientAuth = config.RootCAs, tls.RequireAndVerifyClientCert
	return config
}

func TestTLS(t *testing.T) {
	t.Parallel()
	all := certified(t)
	all.Curves = []string{"X25519", "CurveP256"}
	for _, first := range []bool{false, true} {
		o := baseOptions()
		o.TLSConfig, o.TLSTimeout, o.TLSHandshakeFirst = secureConfig(t, all), 5, first
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
		_, err = Dial(t.Context(), Options{URLs: []string{"tls://" + s.Addr().String()}, TLS: TLS{CACert: all.CACert, First: first}})
		if err == nil {
			t.Error("connected without client certificate")
		}
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	files := certified(t)
	s := httptest.NewUnstartedServer(site(t, r.sysToken).Config.Handler)
	s.TLS = secureConfig(t, files)
	s.StartTLS()
	t.Cleanup(s.Close)
	h := newHTTP(t, HTTPOptions{TLS: files})
	if got, err := h.Fetch(t.Context(), s.URL+"/raw"); err != nil || string(got) != r.sysToken {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := newHTTP(t, HTTPOptions{}).Fetch(t.Context(), s.URL+"/raw"); err == nil {
		t.Error("unknown authority is trusted")
	}
}

func TestTLSFiles(t *testing.T) {
	t.Parallel()
	files := certified(t)
	for want, config := range map[string]TLS{
		"no PEM certificate": {CACert: files.Key},
		"CA certificate":     {CACert: filepath.Join(t.TempDir(), "absent")},
		"one is missing":     {Cert: files.Cert},
		"client certificate": {Cert: files.Key, Key: files.Cert},
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
