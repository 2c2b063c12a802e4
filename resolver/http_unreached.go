package resolver

import (
	"crypto/tls"
	"errors"
	"net"
)

// Unreached tells whether an exchange with an account server failed before there was
// any: nobody listens, or it is not who it should be. One that is slow is there.
func Unreached(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	if ok && op.Op == "dial" {
		return true
	}
	_, ok = errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
