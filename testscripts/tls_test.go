package testscripts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// TestTLS pushes to a server that demands TLS and a client certificate, compares and
// pulls, with an authority of its own.
func TestTLS(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A")
	h.run("generate", "config", "--nats-resolver", "--config-file", filepath.Join(h.dir, "server.conf"))
	ca := h.newAuthority()
	ca.issue(t, "server")
	ca.issue(t, "client")
	address := h.startSecure()
	url := "tls://" + address
	trusted := []string{"--ca-cert", "ca.pem", "--client-cert", "client.pem", "--client-key", "client.key"}
	with := func(args ...string) []string { return append(args, trusted...) }

	h.refused("certificate", "push", "-A", "-u", url)
	// The server's word that it wants a certificate may come after the end of the connection.
	h.refused("nkeep: server", "push", "-A", "-u", url, "--ca-cert", "ca.pem")
	out := h.run(with("push", "-A", "-u", url)...)
	if !strings.Contains(string(out), "2 of 2 accounts on 1 server(s)") {
		t.Errorf("push: %s", out)
	}
	h.run(with("push", "-A", "--changed", "-u", "nats://"+address)...)
	h.run(with("diff", "-u", url)...)
	h.run(with("pull", "-A", "-u", url)...)
}

// refused runs a command that fails, and says why.
func (h *home) refused(why string, args ...string) {
	h.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), why) {
		h.Errorf("nkeep %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// startSecure starts a server that demands client certificates, and returns its address.
func (h *home) startSecure() string {
	h.Helper()
	file := filepath.Join(h.dir, "server.conf")
	conf, err := os.ReadFile(file)
	if err != nil {
		h.Fatal(err)
	}
	conf = append(conf, "\ntls { cert_file: server.pem, key_file: server.key, ca_file: ca.pem, verify: true }\n"...)
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		h.Fatal(err)
	}
	c := exec.Command("nats-server", "-c", "server.conf", "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", h.dir)
	c.Dir = h.dir
	if err := c.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	var ports natsserver.Ports
	if !poll(func() bool {
		files, _ := filepath.Glob(filepath.Join(h.dir, "*.ports"))
		if len(files) != 1 {
			return false
		}
		data, err := os.ReadFile(files[0])
		return err == nil && json.Unmarshal(data, &ports) == nil && len(ports.Nats) > 0
	}) {
		h.Fatal("the server does not listen")
	}
	_, address, _ := strings.Cut(ports.Nats[0], "://")
	return strings.TrimSuffix(address, "/")
}

// authority signs certificates for as long as a test takes.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newAuthority writes its own certificate into ca.pem.
func (h *home) newAuthority() *authority {
	h.Helper()
	ca := &authority{dir: h.dir}
	ca.cert, ca.key = ca.make(h.T, "ca", nil, nil)
	return ca
}

// issue writes a certificate and its key.
func (ca *authority) issue(t *testing.T, name string) {
	t.Helper()
	ca.make(t, name, ca.cert, ca.key)
}

// make makes a certificate that is signed by a parent, or by itself.
func (ca *authority) make(t *testing.T, name string, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        parent == nil, BasicConstraintsValid: true,
	}
	if parent == nil {
		parent, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"pem": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(ca.dir, fmt.Sprintf("%s.%s", name, file)), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c, key
}
