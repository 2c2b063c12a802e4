// Package testcerts makes certificates, for tests of what speaks TLS on this machine.
package testcerts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority issues certificates that are valid for an hour.
type Authority struct {
	Dir  string // where the files go
	Cert *x509.Certificate
	Key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority, and writes its certificate into ca.pem, with the
// key in ca.key.
func NewAuthority(dir string) (*Authority, error) {
	ca := &Authority{Dir: dir}
	template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	return ca, ca.write("ca", template)
}

// Issue writes a certificate for servers and clients on 127.0.0.1 into NAME.pem, and
// its key into NAME.key. A name that is taken is replaced. Each of adjust may change
// what the certificate says.
func (ca *Authority) Issue(name string, adjust ...func(*x509.Certificate)) error {
	template := &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, f := range adjust {
		f(template)
	}
	return ca.write(name, template)
}

// File is the path of a file that the authority has written.
func (ca *Authority) File(name string) string { return filepath.Join(ca.Dir, name) }

// write signs a certificate; the first one signs itself.
func (ca *Authority) write(name string, c *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	c.SerialNumber, c.Subject = big.NewInt(now.UnixNano()), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = now.Add(-time.Hour), now.Add(time.Hour)
	parent, signer := ca.Cert, ca.Key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		return err
	}
	if ca.Cert == nil {
		ca.Key = key
		if ca.Cert, err = x509.ParseCertificate(der); err != nil {
			return err
		}
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(ca.File(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(ca.File(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}
