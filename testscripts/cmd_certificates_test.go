package testscripts

import (
	"nkeep/internal/testcerts"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdCertificates makes an authority, ca.pem, and certificates of it, NAME.pem with
// the key NAME.key, for this machine.
//
//	certificates server client
func cmdCertificates(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: certificates NAME...")
	}
	ca, err := testcerts.NewAuthority(ts.MkAbs("."))
	ts.Check(err)
	for _, name := range args {
		ts.Check(ca.Issue(name))
	}
}
