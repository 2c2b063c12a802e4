package testscripts

import (
	"crypto/x509"
	"strings"

	"nkeep/internal/testcerts"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdCertificates makes an authority, ca.pem, and certificates of it, NAME.pem with
// the key NAME.key, for this machine. NAME@URL is one whose authority can be asked
// by OCSP whether it is good.
//
//	certificates server client gone@http://127.0.0.1:1
func cmdCertificates(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: certificates NAME...")
	}
	ca, err := testcerts.NewAuthority(ts.MkAbs("."))
	ts.Check(err)
	for _, arg := range args {
		name, url, ocsp := strings.Cut(arg, "@")
		ts.Check(ca.Issue(name, func(c *x509.Certificate) {
			if ocsp {
				c.OCSPServer = []string{url}
			}
		}))
	}
}
