package accountserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nkeep/internal/testcerts"
)

// TestCertificatesAreReplaced renews certificates under a server in the ways that
// tools do it. New connections get the new one at once, those that stand stay.
func TestCertificatesAreReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(t *testing.T, dir, fresh string){
		"in place":   inPlace,
		"by links":   byLinks,
		"kubernetes": bySwappedDirectory,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSecure(t)
			standing := s.client(t)
			if got := s.serves(t, standing); got != "first" {
				t.Fatalf("the certificate is of %q", got)
			}
			replace(t, s.dir, s.issued(t, "second"))
			s.logs(t, "certificates replaced", 1)
			if got := s.serves(t, s.client(t)); got != "second" {
				t.Errorf("the new certificate is of %q", got)
			}
			if got := s.serves(t, standing); got != "first" {
				t.Errorf("the connection that stood was lost for one with %q", got)
			}

			bad := s.issued(t, "third")
			check(t, os.WriteFile(filepath.Join(bad, "tls.key"), []byte("junk"), 0o600))
			replace(t, s.dir, bad)
			s.logs(t, "the old ones stay in force", 1)
			if got := s.serves(t, s.client(t)); got != "second" {
				t.Errorf("with a bad key, the certificate is of %q", got)
			}
			replace(t, s.dir, s.issued(t, "fourth"))
			s.logs(t, "certificates replaced", 2)
			if got := s.serves(t, s.client(t)); got != "fourth" {
				t.Errorf("after the bad one, the certificate is of %q", got)
			}
		})
	}
}

// TestClientAuthoritiesAreReplaced keeps clients of an authority out that is gone.
func TestClientAuthoritiesAreReplaced(t *testing.T) {
	t.Parallel()
	s := newSecure(t)
	check(t, s.ca.Issue("client"))
	s.serves(t, s.client(t))
	other, err := testcerts.NewAuthority(t.TempDir())
	check(t, err)
	data, err := os.ReadFile(other.File("ca.pem"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.dir, "ca.crt"), data, 0o600))
	s.logs(t, "certificates replaced", 1)
	if resp, err := s.client(t).Get(s.url); err == nil {
		_ = resp.Body.Close()
		t.Error("a client of the old authority is let in")
	}
}

func inPlace(t *testing.T, dir, fresh string) {
	t.Helper()
	for _, name := range []string{"tls.crt", "tls.key"} {
		data, err := os.ReadFile(filepath.Join(fresh, name))
		check(t, err)
		check(t, os.Remove(filepath.Join(dir, name)))
		check(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
}

func byLinks(t *testing.T, dir, fresh string) {
	t.Helper()
	for _, name := range []string{"tls.crt", "tls.key"} {
		check(t, os.Remove(filepath.Join(dir, name)))
		check(t, os.Symlink(filepath.Join(fresh, name), filepath.Join(dir, name)))
	}
}

// bySwappedDirectory does as Kubernetes does with secrets: files are links into a
// directory that is a link as well, and only that one changes.
func bySwappedDirectory(t *testing.T, dir, fresh string) {
	t.Helper()
	swap := filepath.Join(dir, "..swap")
	check(t, os.Symlink(fresh, swap))
	check(t, os.Rename(swap, filepath.Join(dir, "..data")))
}

// secure is an account server that speaks TLS, and demands certificates of clients.
type secure struct {
	ca  *testcerts.Authority
	dir string // of its files
	url string
	log *journal
}

func newSecure(t *testing.T) *secure {
	t.Helper()
	s := &secure{dir: t.TempDir(), log: &journal{}}
	var err error
	s.ca, err = testcerts.NewAuthority(t.TempDir())
	check(t, err)
	check(t, s.ca.Issue("client"))
	bySwappedDirectory(t, s.dir, s.issued(t, "first"))
	for _, name := range []string{"tls.crt", "tls.key"} {
		check(t, os.Symlink(filepath.Join("..data", name), filepath.Join(s.dir, name)))
	}
	authority, err := os.ReadFile(s.ca.File("ca.pem"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.dir, "ca.crt"), authority, 0o600))
	log := slog.New(slog.NewTextHandler(s.log, nil))
	certs, err := LoadCertificates(CertificateFiles{
		Cert: filepath.Join(s.dir, "tls.crt"), Key: filepath.Join(s.dir, "tls.key"), ClientCA: filepath.Join(s.dir, "ca.crt"),
	}, log)
	check(t, err)
	r := newRealm(t, func(o *Options) { o.Certificates, o.Log = certs, log })
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	s.url = "https://" + l.Addr().String() + "/metrics"
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.server.Run(ctx, l, 10, nil) }()
	t.Cleanup(func() {
		stop()
		check(t, <-done)
	})
	return s
}

// issued is a directory with a new certificate, in files as Kubernetes calls them.
func (s *secure) issued(t *testing.T, name string) string {
	t.Helper()
	check(t, s.ca.Issue(name))
	dir := t.TempDir()
	check(t, os.Rename(s.ca.File(name+".pem"), filepath.Join(dir, "tls.crt")))
	check(t, os.Rename(s.ca.File(name+".key"), filepath.Join(dir, "tls.key")))
	return dir
}

// client has no connection yet.
func (s *secure) client(t *testing.T) *http.Client {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(s.ca.File("client.pem"), s.ca.File("client.key"))
	check(t, err)
	trusted := x509.NewCertPool()
	trusted.AddCert(s.ca.Cert)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

// serves is whose certificate a client has before it.
func (s *secure) serves(t *testing.T, c *http.Client) string {
	t.Helper()
	var whose string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if conn, ok := info.Conn.(*tls.Conn); ok {
			whose = conn.ConnectionState().PeerCertificates[0].Subject.CommonName
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	check(t, err)
	resp, err := c.Do(req)
	check(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	if !strings.Contains(string(body), "nkeep_certificate_expires_timestamp_seconds 1") {
		t.Errorf("metrics are %s", body)
	}
	return whose
}

// logs waits until a text is so many times in the log.
func (s *secure) logs(t *testing.T, text string, want int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); strings.Count(s.log.String(), text) < want; <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the log does not say %q %d times: %s", text, want, s.log)
		}
	}
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
