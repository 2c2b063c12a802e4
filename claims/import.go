package claims

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// RemoteSubject returns the subject of an import as the exporting account knows
// it. In a service import of the older form, that is its To.
func RemoteSubject(im *jwt.Import) jwt.Subject {
	if to := im.GetTo(); to != "" && im.LocalSubject == "" && im.IsService() {
		return jwt.Subject(to)
	}
	return im.Subject
}

// Uses reports whether the import im takes from the export x of account, a public
// key: all of it or a part; nil stands for any export.
func Uses(im *jwt.Import, account string, x *jwt.Export) bool {
	return im.Account == account && (x == nil || im.Type == x.Type && RemoteSubject(im).IsContainedIn(x.Subject))
}

// Imports reads an account token, whoever issued it, and reports whether it
// imports from the export x of account, or anything if x is nil. Most tokens do
// not mention the account, and are not decoded any further.
func Imports(token, account string, x *jwt.Export) (bool, error) {
	payload, err := payloadOf(token)
	if err != nil || !bytes.Contains(payload, []byte(account)) {
		return false, err
	}
	c, err := ReadAccount(token)
	if err != nil {
		return false, err
	}
	return c.Subject != account && slices.ContainsFunc(c.Imports, func(im *jwt.Import) bool { return Uses(im, account, x) }), nil
}

func payloadOf(token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("token has %d parts instead of 3", len(parts))
	}
	return decodePart(parts[1])
}
