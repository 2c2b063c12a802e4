package resolver

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
)

// Errors that callers tell apart with [errors.Is].
var (
	// ErrLogin means a server was reached and did not accept the identity.
	ErrLogin = errors.New("login refused")
	// ErrHalfPair means a client certificate without its key, or a key without its certificate.
	ErrHalfPair = errors.New("client certificate: its file and that of its key belong together, one is missing")
	// ErrPermission means the user is logged in but may not use a subject.
	ErrPermission = errors.New("permission denied")
	// ErrNotSystem means nobody serves the $SYS subjects for this user: the
	// user is not in the system account, or the server has none.
	ErrNotSystem = errors.New("user is not in the system account of the server")
	// ErrNoResolver means no server keeps an account store that can be asked
	// over $SYS: they run memory or URL resolvers.
	ErrNoResolver = errors.New("no server has a NATS-based resolver (they use a memory or URL resolver)")
	// ErrNoAnswer means the time for an operation passed in silence.
	ErrNoAnswer = errors.New("no server answered in time")
	// ErrNoResponder means nobody listens to the subject of a request.
	ErrNoResponder = errors.New("nobody listens to this subject")
	// ErrClosed means the connection is gone for good.
	ErrClosed = errors.New("connection closed")
)

// TLSError is a file or a setting of [TLS] that cannot be used: nobody was asked.
type TLSError struct{ Err error }

// Error names the file.
func (e *TLSError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// UnknownAccountError says that an account is stored on no server that
// answered. It matches [fs.ErrNotExist].
type UnknownAccountError struct {
	ID string // public key of the account
}

// Error names the account.
func (e *UnknownAccountError) Error() string {
	return fmt.Sprintf("account %q: no server stores it", e.ID)
}

// Is reports whether target is [fs.ErrNotExist].
func (e *UnknownAccountError) Is(target error) bool { return target == fs.ErrNotExist }

// dialError says which server could not be used, and what to do about it.
func dialError(url string, err error) error {
	return fmt.Errorf("server %q: %w", Redact(url), explain(err))
}

// explain puts an error of the NATS client into the words of the domain.
func explain(err error) error {
	var unknown x509.UnknownAuthorityError
	switch {
	case isLoginError(err):
		return loginError(err)
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("nothing listens there; check the address and that the server runs (%w)", err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("the server offers no TLS; use a nats:// address or configure TLS there (%w)", err)
	case errors.As(err, &unknown):
		return fmt.Errorf("its certificate is signed by an unknown authority; name the CA certificate (%w)", err)
	case errors.Is(err, nats.ErrTimeout), os.IsTimeout(err):
		return fmt.Errorf("the server did not answer in time (%w)", err)
	}
	return err
}

// isLoginError looks at the text as well: while a connection is set up the
// client passes the server's words on as an untyped protocol error.
func isLoginError(err error) bool {
	for _, known := range []error{
		nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired,
	} {
		if errors.Is(err, known) || strings.EqualFold(err.Error(), known.Error()) {
			return true
		}
	}
	return false
}

func loginError(err error) error {
	text := strings.ToLower(err.Error())
	why := "the server does not know or trust this user or its account"
	switch {
	case strings.Contains(text, "account authentication expired"):
		why = "the account has expired"
	case strings.Contains(text, "authentication expired"):
		why = "the user has expired"
	case strings.Contains(text, "revoked"):
		why = "the user is revoked"
	}
	return fmt.Errorf("%w: %s (%w)", ErrLogin, why, err)
}

// permissionError keeps the server's own words, which name the subject.
func permissionError(err error) error {
	_, words, found := strings.Cut(err.Error(), "violation: ")
	if !found {
		words = err.Error()
	}
	return fmt.Errorf("%w: %s", ErrPermission, clip(words, maxMessage))
}

// joinFailures puts the failures of several servers on one line.
func joinFailures(failures []error) error {
	joined := failures[0]
	for _, err := range failures[1:] {
		joined = fmt.Errorf("%w; %w", joined, err)
	}
	return joined
}
