package accountserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	// certificatesLook is how often the files of certificates are looked at. They are
	// not watched: links along their paths, and mounts, change without a word.
	certificatesLook = time.Second

	maxPEM = 1 << 20 // bytes of a file
)

// CertificateFiles are what a server proves with who it is, and by which it knows
// its clients: files in PEM.
type CertificateFiles struct {
	Cert, Key string
	ClientCA  string // authorities that certificates of clients must come from; "" lets everybody in
}

// Certificates are those that lie in their files, which others may replace.
type Certificates struct {
	files   CertificateFiles
	log     *slog.Logger
	seen    sighting // of what was loaded last, or could not be
	current atomic.Pointer[tls.Config]
}

// LoadCertificates reads the files, which must be in order.
func LoadCertificates(files CertificateFiles, log *slog.Logger) (*Certificates, error) {
	c := &Certificates{files: files, log: log, seen: files.look()}
	config, err := files.load()
	if err != nil {
		return nil, err
	}
	c.current.Store(config)
	return c, nil
}

// secure makes a listener speak TLS. Connections that stand are not touched when
// certificates are replaced: each handshake takes those of the moment.
func (c *Certificates) secure(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	})
}

// expires is when the certificate is no longer valid.
func (c *Certificates) expires() time.Time { return c.current.Load().Certificates[0].Leaf.NotAfter }

// follow takes certificates that replace the present ones, until ctx ends. Those
// that are not in order leave the present ones in force.
func (c *Certificates) follow(ctx context.Context) error {
	tick := time.NewTicker(certificatesLook)
	defer tick.Stop()
	for last := c.seen; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		seen := c.files.look()
		// A certificate and its key are replaced one after the other: once nothing
		// has changed between two looks, both are there.
		if seen.same(last) && !seen.same(c.seen) {
			c.seen = seen
			c.replace()
		}
		last = seen
	}
}

func (c *Certificates) replace() {
	config, err := c.files.load()
	if err != nil {
		c.log.Error("new certificates are not in order; the old ones stay in force", "error", err, "expires", c.expires())
		return
	}
	c.current.Store(config)
	c.log.Info("certificates replaced", "certificate", c.files.Cert, "expires", c.expires())
}

// load reads the files.
func (f CertificateFiles) load() (*tls.Config, error) {
	pair, err := f.pair()
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", f.Cert, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if f.ClientCA == "" {
		return config, nil
	}
	authorities, err := readPEM(f.ClientCA)
	if err != nil {
		return nil, err
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !config.ClientCAs.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("file %q: holds no PEM certificate", f.ClientCA)
	}
	return config, nil
}

func (f CertificateFiles) pair() (tls.Certificate, error) {
	cert, err := readPEM(f.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readPEM(f.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	defer clear(key)
	return tls.X509KeyPair(cert, key)
}

func readPEM(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err == nil && len(data) > maxPEM {
		err = fmt.Errorf("file %q: is larger than %d bytes", name, maxPEM)
	}
	return data, err
}

// sighting is how files were found; what is not there is nil.
type sighting [3]os.FileInfo

// look follows links, so that one that points elsewhere now is seen as well. What
// is no file, as the end of a pipe, can be read only once and is left out.
func (f CertificateFiles) look() (s sighting) {
	for i, name := range []string{f.Cert, f.Key, f.ClientCA} {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			s[i] = info
		}
	}
	return s
}

func (s sighting) same(other sighting) bool {
	for i, a := range s {
		b := other[i]
		if (a == nil) != (b == nil) {
			return false
		}
		if a != nil && !(os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())) {
			return false
		}
	}
	return true
}
